-- What every scenario shares: wrk's summary as one line of JSON, the last that it prints.
-- Statuses of 400 and above count as errors; the bench itself looks at one answer before and one after each run.
local load = {}

function load.done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"micros":%d,"p50_micros":%d,"p99_micros":%d,"socket_errors":%d,"refused":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end

return load
