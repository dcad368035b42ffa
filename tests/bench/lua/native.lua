-- Batches of the native API, each of another source. Wants SOURCES, TOKEN and SIZE.

local endings = {}
for number, source in ipairs(SOURCES) do
  endings[number] = {}
  for host = 1, HOSTS do
    endings[number][host] = string.format('","title":"DiskFull on web-%03d","severity":"critical",'
      .. '"source_tool":"bench","description":"93 %% of /var is used, and it grows by 1 %% an hour",'
      .. '"labels":{"instance":"web-%03d:9100"},"source_id":"%s"}', host, host, source)
  end
end

local headers = "Authorization: Bearer " .. TOKEN .. "\r\n"
local turn = 0
function request()
  turn = turn + 1
  local own = endings[turn % #SOURCES + 1]
  return post("/api/v1/events", headers, items(SIZE, '{"key":"', function(item)
    return own[item % HOSTS + 1]
  end))
end
