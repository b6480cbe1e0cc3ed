-- Asks for the pages of PAGES, one address a line, in turn, as the person whose cookie is COOKIE.

local pages, at = {}, 0

function init()
    for path in os.getenv("PAGES"):gmatch("[^\n]+") do
        pages[#pages + 1] = wrk.format("GET", path, { ["Cookie"] = os.getenv("COOKIE") })
    end
end

function request()
    at = at % #pages + 1
    return pages[at]
end
