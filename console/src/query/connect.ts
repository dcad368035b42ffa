/** What one puts into a sender so that it reaches a source: ready to copy. */

/** What a source's format can be, the usual ones first. */
export const FORMATS = [
  ...["auto", "native", "victorops", "alertmanager", "grafana", "zabbix", "nrdp", "cloudwatch", "azure"],
  ...["google_cloud", "oci", "datadog", "cloudforet", "appdynamics", "opscruise", "naver", "terraform"],
  ...["docker_hub", "jira", "icinga2", "nagios-command"],
] as const;

export type Vendor =
  | "curl"
  | "alertmanager"
  | "grafana"
  | "zabbix"
  | "icinga"
  | "nagios"
  | "opsview"
  | "cloudforet"
  | "victorops"
  | "nrdp"
  | "webhook";

/** What people monitor with, in the order in which it is offered, and the source that each wants. */
export const SYSTEMS: readonly { vendor: Vendor; format: string }[] = [
  { vendor: "alertmanager", format: "alertmanager" },
  { vendor: "grafana", format: "grafana" },
  { vendor: "zabbix", format: "victorops" },
  { vendor: "icinga", format: "nrdp" },
  { vendor: "nagios", format: "nrdp" },
  { vendor: "opsview", format: "nrdp" },
  { vendor: "cloudforet", format: "cloudforet" },
  { vendor: "victorops", format: "victorops" },
  { vendor: "curl", format: "native" },
  { vendor: "webhook", format: "auto" },
];

/** Stands in a snippet until the key is shown. */
export const NO_KEY = "ACCESS_KEY";

const NATIVE =
  '{"key": "db1/disk", "title": "Disk full on db1", "host": "db1", "service": "disk", "severity": "critical"}';
const VICTOROPS =
  '{"message_type": "CRITICAL", "entity_id": "db1/disk", "state_message": "Disk full on db1"}';
const NRDP =
  '{"checkresults": [{"checkresult": {"type": "service", "checktype": "1"}, "hostname": "db1", "servicename": "disk", "state": "2", "output": "Disk full"}]}';
const COMMAND_FORMAT = "nagios-command";
const COMMAND = "PROCESS_SERVICE_CHECK_RESULT;db1;disk;2;Disk full";

/** What one needs to know of a source. */
export interface Inlet {
  id: string;
  format: string;
  /** Of Tocsin, as the browser reaches it. */
  origin: string;
  key: string;
}

/** Gives the senders that a source of a format takes, the likeliest first. */
export function vendorsOf(format: string): Vendor[] {
  switch (format) {
    case "auto":
      return ["curl", "alertmanager", "grafana", "zabbix", "cloudforet", "victorops", "nrdp", "webhook"];
    case "victorops":
      return ["victorops", "curl", "alertmanager", "grafana", "zabbix"];
    case "native":
      return ["curl"];
    case "alertmanager":
    case "grafana":
    case "cloudforet":
      return [format];
    case "nrdp":
      return ["nrdp", "icinga", "nagios", "opsview", "curl"];
    case COMMAND_FORMAT:
      return ["curl"];
    default:
      return ["webhook"];
  }
}

/** Writes what goes into a sender. */
export function snippet(vendor: Vendor, { id, format, origin, key }: Inlet): string {
  const webhook = `${origin}/in/${id}/${key}`;
  const endpoint = `${origin}/integrations/generic/20131114/alert/`;
  const nrdp = `send_nrdp.sh -u ${origin}/nrdp/ -t ${key}`;
  const isVictorops = format === "victorops";
  switch (vendor) {
    case "alertmanager":
      return isVictorops ? alertmanagerOfVictorops(endpoint, key) : alertmanager(webhook);
    case "grafana":
      return isVictorops ? `${endpoint}${key}/grafana` : webhook;
    case "zabbix":
      return `${endpoint}${key}/zabbix`;
    case "victorops":
      return `${endpoint}${key}/ROUTING_KEY`;
    case "nrdp":
      return `${nrdp} -H db1 -s disk -S 2 -o "Disk full"`;
    case "icinga":
      return icinga(`${origin}/nrdp/`, key);
    case "nagios":
      return nagios(nrdp);
    case "opsview":
      return opsview(nrdp);
    case "cloudforet":
      return `${origin}/monitoring/v1/webhook/${id}/${key}/events`;
    case "curl":
      if (format === "nrdp")
        return `curl '${origin}/nrdp/' -d token=${key} -d cmd=submitcheck --data-urlencode 'JSONDATA=${NRDP}'`;
      if (format === COMMAND_FORMAT) return `curl '${webhook}' --data-binary '${COMMAND}'`;
      return isVictorops
        ? `curl '${endpoint}${key}/test' -H 'Content-Type: application/json' -d '${VICTOROPS}'`
        : `curl '${webhook}' -H 'Content-Type: application/json' -d '${NATIVE}'`;
    case "webhook":
      return webhook;
  }
}

/** Writes what makes a sender say something at once; '' where only its own pages can. */
export function trial(vendor: Vendor): string {
  switch (vendor) {
    case "alertmanager":
      return `curl -X POST http://localhost:9093/-/reload
amtool --alertmanager.url=http://localhost:9093 alert add TocsinTest severity=warning instance=db1`;
    default:
      return "";
  }
}

/** Gives a payload to try a format with; '' where only its sender knows one. */
export function sample(format: string): string {
  const samples: Record<string, string> = { auto: NATIVE, native: NATIVE, victorops: VICTOROPS, nrdp: NRDP };
  if (format === COMMAND_FORMAT) return COMMAND;
  const found = samples[format];
  return found ? JSON.stringify(JSON.parse(found), null, 2) : "";
}

function alertmanager(url: string): string {
  return `route:
  receiver: tocsin
receivers:
  - name: tocsin
    webhook_configs:
      - url: ${url}
        send_resolved: true`;
}

function alertmanagerOfVictorops(url: string, key: string): string {
  return `route:
  receiver: tocsin
  group_by: [alertname, instance]
receivers:
  - name: tocsin
    victorops_configs:
      - api_url: ${url}
        api_key: ${key}
        routing_key: operations
        message_type: '{{ .CommonLabels.severity | toUpper }}'
        entity_display_name: '{{ .CommonLabels.alertname }} on {{ .CommonLabels.instance }}'`;
}

function icinga(url: string, key: string): string {
  const command = (kind: string, service: string) => `object NotificationCommand "tocsin-${kind}" {
  command = [ "/usr/local/bin/send_nrdp.sh", "-u", "${url}", "-t", "${key}" ]
  arguments = {
    "-H" = "$host.name$"
${service}    "-S" = "$${kind}.state_id$"
    "-o" = "$${kind}.output$"
  }
}
apply Notification "tocsin" to ${kind === "host" ? "Host" : "Service"} {
  command = "tocsin-${kind}"
  users = [ "icingaadmin" ]
  types = [ Problem, Recovery ]
  assign where true
}`;
  return `${command("host", "")}\n${command("service", '    "-s" = "$service.name$"\n')}`;
}

function nagios(nrdp: string): string {
  return `define command {
  command_name  notify-host-by-tocsin
  command_line  ${nrdp} -H "$HOSTNAME$" -S $HOSTSTATEID$ -o "$HOSTOUTPUT$"
}
define command {
  command_name  notify-service-by-tocsin
  command_line  ${nrdp} -H "$HOSTNAME$" -s "$SERVICEDESC$" -S $SERVICESTATEID$ -o "$SERVICEOUTPUT$"
}`;
}

function opsview(nrdp: string): string {
  return `#!/bin/sh
if [ -n "$NAGIOS_SERVICEDESC" ]; then
  ${nrdp} -H "$NAGIOS_HOSTNAME" -s "$NAGIOS_SERVICEDESC" -S "$NAGIOS_SERVICESTATEID" -o "$NAGIOS_SERVICEOUTPUT"
else
  ${nrdp} -H "$NAGIOS_HOSTNAME" -S "$NAGIOS_HOSTSTATEID" -o "$NAGIOS_HOSTOUTPUT"
fi`;
}
