-- Signs in with a wrong password, another one each time: each connection once, and then it waits.

local n = 0

function request()
    n = n + 1
    local headers = {
        ["Origin"] = os.getenv("ORIGIN"),
        ["Content-Type"] = "application/x-www-form-urlencoded",
    }
    return wrk.format("POST", "/sign-in", headers, "name=bench&password=wrong+password+" .. n)
end

local sent = 0

function delay()
    sent = sent + 1
    return sent > tonumber(os.getenv("SIGN_INS")) and 3600000 or 0
end
