-- Creates keys with names of their own, as the token in TOKEN.

local n, run = 0, os.getenv("RUN")

function request()
    n = n + 1
    local headers = { ["Authorization"] = os.getenv("BASIC"), ["Content-Type"] = "application/json" }
    return wrk.format("POST", "/v1/keys", headers, string.format('{"name":"%s-%d","scopes":[]}', run, n))
end

function done(summary, latency)
    local errors = summary.errors
    local broken = errors.connect + errors.read + errors.write + errors.timeout
    io.write(string.format("requests %d us %d refused %d broken %d p50 %d p99 %d\n", summary.requests,
        summary.duration, errors.status, broken, latency:percentile(50), latency:percentile(99)))
end
