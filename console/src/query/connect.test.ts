import { describe, expect, it } from "vitest";
import { FORMATS, sample, snippet, vendorsOf } from "./connect";

const inlet = (format: string) => ({ id: "source-1", format, origin: "https://tocsin.example", key: "k3y" });

describe("what goes into a sender", () => {
  it("leads to the source with its key, whatever the format and the sender", () => {
    for (const format of FORMATS)
      for (const vendor of vendorsOf(format)) {
        const written = snippet(vendor, inlet(format));
        expect(written, `${format} ${vendor}`).toContain("https://tocsin.example/");
        expect(written, `${format} ${vendor}`).toContain("k3y");
      }
  });

  it("goes by the webhook, or by the endpoint of VictorOps where the source speaks that only", () => {
    expect(snippet("grafana", inlet("auto"))).toBe("https://tocsin.example/in/source-1/k3y");
    expect(snippet("grafana", inlet("victorops"))).toBe(
      "https://tocsin.example/integrations/generic/20131114/alert/k3y/grafana",
    );
    expect(snippet("alertmanager", inlet("alertmanager"))).toContain("webhook_configs");
    expect(snippet("alertmanager", inlet("victorops"))).toContain("api_key: k3y");
  });

  it("has a payload to try where one can be made by hand", () => {
    expect(JSON.parse(sample("victorops"))).toMatchObject({ message_type: "CRITICAL" });
    expect(sample("nagios-command")).toContain("PROCESS_SERVICE_CHECK_RESULT;");
    expect(snippet("curl", inlet("nagios-command"))).toContain(sample("nagios-command"));
    expect(sample("oci")).toBe("");
  });
});
