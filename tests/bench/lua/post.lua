-- What every load shares: keys that nobody has used, and requests made by hand, since the generator's own way
-- of making them costs more than the server's way of reading them.

local entropy = io.open("/dev/urandom", "rb")
local a, b, c, d = entropy:read(4):byte(1, 4)
entropy:close()
math.randomseed(((a * 256 + b) * 256 + c) * 256 + d)

local HOSTS = 100
local HEX = {}
for number = 0, 65535 do
  HEX[number] = string.format("%04x", number)
end
local random = math.random

-- 64 random bits: a key that sorts nowhere in particular, so that no index is written at its end only.
local function key()
  return HEX[random(0, 65535)] .. HEX[random(0, 65535)] .. HEX[random(0, 65535)] .. HEX[random(0, 65535)]
end

local function post(path, headers, body)
  return "POST " .. path .. " HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n" .. headers
    .. "Content-Length: " .. #body .. "\r\n\r\n" .. body
end

-- A request's items, each with a key of its own; `ending(item)` is what follows the key.
local parts = {}
local function items(size, beginning, ending)
  for item = 0, size - 1 do
    parts[3 * item + 1] = item == 0 and "[" .. beginning or "," .. beginning
    parts[3 * item + 2] = key()
    parts[3 * item + 3] = ending(item)
  end
  parts[3 * size + 1] = "]"
  return table.concat(parts)
end
