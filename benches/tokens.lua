-- Sends the tokens of the file that TOKENS names in turn, each as the Basic user name, with the headers
-- of HEADERS, `Name: value` with `|` between two. With ONCE each token is sent once, and that is all; with
-- PAUSE a connection waits so many milliseconds before each request.

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(text)
    local out = {}
    for i = 1, #text, 3 do
        local a, b, c = text:byte(i, i + 2)
        local n = a * 65536 + (b or 0) * 256 + (c or 0)
        for k = 3, 0, -1 do
            local at = math.floor(n / 64 ^ k) % 64 + 1
            out[#out + 1] = ((k == 1 and not b) or (k == 0 and not c)) and "=" or alphabet:sub(at, at)
        end
    end
    return table.concat(out)
end

local requests, at, answers = {}, 0, 0

function init()
    for token in io.lines(os.getenv("TOKENS")) do
        local headers = { ["Authorization"] = "Basic " .. base64(token .. ":") }
        for name, value in (os.getenv("HEADERS") or ""):gmatch("([^|:]+): ([^|]+)") do
            headers[name] = value
        end
        requests[#requests + 1] = wrk.format("GET", os.getenv("TARGET"), headers)
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end

if os.getenv("ONCE") then
    -- As many as are on their way then are sent a second time: some of very many.
    function response()
        answers = answers + 1
        if answers == #requests then wrk.thread:stop() end
    end
end

if os.getenv("PAUSE") then
    function delay()
        return tonumber(os.getenv("PAUSE"))
    end
end

function done(summary, latency)
    local errors = summary.errors
    local broken = errors.connect + errors.read + errors.write + errors.timeout
    io.write(string.format("requests %d refused %d broken %d p50 %d p99 %d\n", summary.requests, errors.status,
        broken, latency:percentile(50), latency:percentile(99)))
end
