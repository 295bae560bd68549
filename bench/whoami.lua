-- GET /whoami with one token, so that every request but the first finds it verified. Argument: the token's file.
package.path = package.path .. ";bench/?.lua"
local load = require("load")
done = load.done

function init(arguments)
  wrk.headers["Authorization"] = "Bearer " .. io.lines(arguments[1])()
end
