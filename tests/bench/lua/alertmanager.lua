-- Alerts for Alertmanager, saying the same as what Tocsin is sent. Wants SIZE.

local endings = {}
for host = 1, HOSTS do
  endings[host] = string.format('","alertname":"DiskFull","instance":"web-%03d:9100","severity":"critical"},'
    .. '"annotations":{"summary":"93 %% of /var is used, and it grows by 1 %% an hour"},'
    .. '"generatorURL":"http://bench"}', host)
end

local turn = 0
function request()
  turn = turn + 1
  return post("/api/v2/alerts", "", items(SIZE, '{"labels":{"entity":"', function(item)
    return endings[(turn + item) % HOSTS + 1]
  end))
end
