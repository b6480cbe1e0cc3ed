-- keysrv.lua: asks keysrv about a request. Made by `keysrv proxy-config haproxy --lua`; it belongs beside
-- the haproxy.cfg that `keysrv proxy-config haproxy` prints.
--
{{about}}

local ask = "http://keysrv/auth/forward?{{question}}"
local at = "abns@keysrv{{listen_port}}"
local patience_ms = 5000

-- The headers of a refusal that the client gets.
local told = {
    "content-type", "www-authenticate", "retry-after", "cache-control",
    "x-keysrv-code", "x-keysrv-missing-scopes", "x-request-id",
}

local function copy(from, to, name)
    local values = from[name]
    if values then
        to[name] = {}
        for n = 0, #values do
            to[name][n + 1] = values[n]
        end
    end
end

local function question(txn)
    local sent = txn.http:req_get_headers()
    local headers = {
        ["host"] = { "keysrv" },
        ["x-forwarded-method"] = { txn.f:method() },
        ["x-forwarded-uri"] = { txn.f:url() },
        ["x-forwarded-for"] = { txn.f:src() },
    }
    -- All of them, so that two different tokens are refused.
    copy(sent, headers, "authorization")
    copy(sent, headers, "x-api-key")
    return headers
end

local function refuse(txn, status, headers, body)
    local reply = txn:reply()
    reply:set_status(status)
    for name, values in pairs(headers) do
        for _, value in ipairs(values) do
            reply:add_header(name, value)
        end
    end
    reply:set_body(body)
    txn:done(reply)
end

core.register_action("keysrv", { "http-req" }, function(txn)
    txn:set_var("txn.keysrv_allows", false)
    local answer = core.httpclient():get { url = ask, dst = at, headers = question(txn), timeout = patience_ms }
    local status = answer and answer.status or 0
    if status == 200 and answer.headers["x-keysrv-key-id"] then
        for name, values in pairs(answer.headers) do
            if name:find("^x%-keysrv%-") then
                txn.http:req_set_header(name, values[0])
            end
        end
        txn:set_var("txn.keysrv_allows", true)
    elseif status >= 400 and status < 500 and answer.headers["x-keysrv-code"] then
        local headers = {}
        for _, name in ipairs(told) do
            copy(answer.headers, headers, name)
        end
        refuse(txn, status, headers, answer.body or "")
    else
        refuse(txn, 503, {
            ["content-type"] = { "application/problem+json" },
            ["cache-control"] = { "no-store" },
            ["retry-after"] = { "1" },
            ["x-keysrv-code"] = { "unavailable" },
        }, [[{"type":"urn:keysrv:error:unavailable","title":"keysrv cannot decide at the moment","status":503,"code":"unavailable"}]])
    end
end, 0)
