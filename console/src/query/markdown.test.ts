import { describe, expect, it } from "vitest";
import { type Element, type Part, partsOf, TAGS } from "./markdown";

const HOSTILE = [
  "<script>alert(1)</script>",
  "text <img src=x onerror=alert(1)> text",
  "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
  "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
  "<style>@import 'https://evil.example/x.css'</style>",
  "<a href='javascript:alert(1)' onclick='alert(1)'>x</a>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](javascript&colon;alert(1))",
  "[x]( \u0001javascript:alert(1))",
  "[x](vbscript:msgbox(1))",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](file:///etc/passwd)",
  "[x](/api/v1/session)",
  "[x](//evil.example/)",
  "[x][1]\n\n[1]: javascript:alert(1)",
  "<javascript:alert(1)>",
  "![x](https://evil.example/pixel.png)",
  "![x](data:image/svg+xml;base64,PHN2Zz4=)",
  "[![x](javascript:alert(1))](javascript:alert(2))",
  "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
  '```"><script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```',
  '[x](https://a.example/" onmouseover="alert(1))',
  '[x](https://a.example "t\\" onmouseover=\\"alert(1)")',
];

function elementsOf(parts: readonly Part[]): Element[] {
  return parts.flatMap((part) => (typeof part === "string" ? [] : [part, ...elementsOf(part.children)]));
}

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (typeof part === "string" ? part : textOf(part.children))).join("");
}

function linksOf(text: string): (string | undefined)[] {
  return elementsOf(partsOf(text)).flatMap((each) => (each.tag === "a" ? [each.href] : []));
}

describe("Markdown of a sender", () => {
  it("becomes the elements that it means", () => {
    expect(partsOf("# Disk\n\nfull on **db1**, `/var`\nsee [it](https://wiki.example/a)")).toEqual([
      { tag: "h3", children: ["Disk"] },
      {
        tag: "p",
        children: [
          "full on ",
          { tag: "strong", children: ["db1"] },
          ", ",
          { tag: "code", children: ["/var"] },
          { tag: "br", children: [] },
          "see ",
          { tag: "a", href: "https://wiki.example/a", children: ["it"] },
        ],
      },
    ]);
    expect(partsOf("3. a\n4. b")).toEqual([
      {
        tag: "ol",
        start: 3,
        children: [
          { tag: "li", children: ["a"] },
          { tag: "li", children: ["b"] },
        ],
      },
    ]);
    expect(textOf(partsOf("| disk | used |\n|---|---|\n| /var | 97 % |"))).toBe("diskused/var97 %");
    expect(textOf(partsOf("a &amp; b \\*c\\*"))).toBe("a & b *c*");
    expect(partsOf("```\na  b\n```")).toEqual([{ tag: "pre", children: ["a  b\n"] }]);
  });

  it("leads to the web and to mail, and nowhere else", () => {
    expect(linksOf("[a](HTTPS://a.example) <http://b.example/?q=1> [c](mailto:c@c.example)")).toEqual([
      "HTTPS://a.example",
      "http://b.example/?q=1",
      "mailto:c@c.example",
    ]);
    expect(textOf(partsOf("[x](javascript:alert(1))"))).toBe("[x](javascript:alert(1))");
  });

  it("is never more than its elements, whatever it holds", () => {
    for (const text of HOSTILE) {
      expect(textOf(partsOf(text)), text).not.toBe("");
      for (const each of elementsOf(partsOf(text))) {
        expect(TAGS.has(each.tag), `${text}: ${each.tag}`).toBe(true);
        expect(
          Object.keys(each).filter((name) => !["tag", "href", "start", "children"].includes(name)),
        ).toEqual([]);
        if (each.href !== undefined) expect(each.href, text).toMatch(/^https:\/\/a\.example/u);
      }
    }
  });

  it("shows tags as they were written, and a picture as what it is called", () => {
    expect(textOf(partsOf("<script>alert(1)</script>"))).toBe("<script>alert(1)</script>");
    expect(partsOf("![the pool](https://evil.example/pixel.png)")).toEqual([
      { tag: "p", children: ["the pool"] },
    ]);
    expect(partsOf("![](https://a.example/b.png)")).toEqual([
      { tag: "p", children: ["https://a.example/b.png"] },
    ]);
  });

  it("is read soon, however it repeats itself up to the length that a text may have", {
    timeout: 60_000,
  }, () => {
    for (const again of ["> ", "- ", "[", "![", "*a_ ", "`a``", "<a ", "&#", "[a](", "|"]) {
      const begun = performance.now();
      elementsOf(partsOf(again.repeat(20_480 / again.length)));
      expect(performance.now() - begun, again).toBeLessThan(5000);
    }
  });
});
