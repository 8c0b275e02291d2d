import { dark, light, type Theme } from "@gradus/figures/themes";

interface PageTheme extends Theme {
  readonly page: string;
  readonly link: string;
  readonly held: string;
  readonly failed: string;
  readonly mixed: string;
}

const day: PageTheme = {
  ...light,
  ...{ page: "#fbfaf7", link: "#1c55b0", held: "#1b7a4b", failed: "#b23a1e", mixed: "#8a5a00" },
};
const night: PageTheme = {
  ...dark,
  ...{ page: "#131418", link: "#8ab4ff", held: "#5fd39a", failed: "#ff8f73", mixed: "#f0b94a" },
};

function variables(theme: PageTheme): string {
  return `:root{${Object.entries(theme)
    .map(([name, color]) => `--${name}:${color}`)
    .join(";")}}`;
}

/** The report's whole style sheet: light, dark where the reader prefers it, light on paper. */
export const style = `${variables(day)}
@media screen and (prefers-color-scheme:dark){${variables(night)}}
:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 Inter,system-ui,"Segoe UI",Roboto,sans-serif;overflow-wrap:break-word}
body>*{max-width:46rem;margin-inline:auto;padding-inline:1rem}
header{padding-block:2.5rem 1rem}
h1,h2,h3,h4,h5{font-family:"Iowan Old Style",Charter,Georgia,serif;line-height:1.25;margin:0 0 .5rem;text-wrap:balance}
h1{font-size:1.9rem}h2{font-size:1.45rem}h3{font-size:1.2rem}h4,h5{font-size:1.05rem}
p{margin:0 0 .6rem;max-width:68ch;text-wrap:pretty}
a{color:var(--link)}
section{margin-block:0 2.5rem}
section section{margin-top:1.75rem}
.muted,figcaption,.facts dt,small{color:var(--muted)}
.brand{font-size:.85rem;color:var(--muted);letter-spacing:.02em}
.summary{font-size:1.15rem;display:flex;flex-wrap:wrap;gap:.1rem .75rem;align-items:baseline}
.marks{letter-spacing:.25em}
.held{color:var(--held)}.failed{color:var(--failed)}.mixed{color:var(--mixed)}.open{color:var(--muted)}
.verdict{white-space:nowrap;font-weight:600}
.remark{border-left:3px solid var(--failed);padding-left:.75rem}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding-bottom:.35rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--rule)}
thead th{color:var(--muted);font-weight:400}
.number{text-align:right}
.claims{width:100%}
.claims tbody tr:first-child th{padding-top:1rem;font-weight:400;border-bottom:0}
.claims tbody tr:first-child td{padding-top:1rem;border-bottom:0}
.claims th strong{font-weight:600}
.claims small{display:block;font-size:inherit}
.claims .condition{white-space:nowrap}
.claims .condition small{white-space:normal}
.claims td:last-child,.claims th:last-child{padding-right:0}
.scroll{overflow-x:auto;margin-block:1rem}
.scroll:focus-visible{outline:2px solid var(--link);outline-offset:2px}
figure{margin:1.25rem 0;padding:.5rem .25rem;background:var(--surface);border:1px solid var(--rule);border-radius:6px}
figure svg{display:block;max-width:100%;height:auto}
figure>h3,figure>h4,figure>h5{margin:.4rem .75rem 0}
figcaption{padding:0 .75rem .5rem;font-size:.9rem}
figcaption p{margin:0}
.narrow{display:none}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.25rem;margin:0 0 1rem;font-size:.9rem}
.facts dd{margin:0;min-width:0;overflow-wrap:anywhere}
pre{margin:0 0 1rem;padding:.6rem .75rem;background:var(--surface);border:1px solid var(--rule);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}
code{font:.875rem/1.5 ui-monospace,Menlo,Consolas,monospace}
.log{white-space:pre-wrap;font-size:.85rem}
@media screen and (max-width:600px){
.wide{display:none}.narrow{display:block}
h1{font-size:1.5rem}header{padding-top:1.25rem}
figure{margin-inline:-.75rem}
.claims thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden;white-space:nowrap;width:1px}
.claims tr{display:grid;grid-template-columns:auto 1fr auto;column-gap:.9rem;border-bottom:1px solid var(--rule);padding-block:.4rem}
.claims tbody tr:first-child{border-bottom:0}
.claims td,.claims th,.claims tbody tr:first-child :is(th,td){border:0;padding:0}
.claims th,.claims .what{grid-column:1/-1}
.claims .number{text-align:left}
.claims .condition{display:contents}.claims .condition small{grid-column:1/-1;order:1}
.claims tbody tr:first-child{padding-top:1rem}
.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.5rem}
}
@media print{
:root{color-scheme:light}
body{background:var(--surface);font-size:10.5pt}
figure,tr,.facts{break-inside:avoid}
h1,h2,h3,h4,h5,caption{break-after:avoid}
.scroll{overflow:visible}
a{color:inherit}
}`;
