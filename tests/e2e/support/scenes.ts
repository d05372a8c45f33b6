// Photographs nobody took: drawn places and papers that stand in for evidence, so that pictures of the
// screens show no real place and no real person.

import type { Browser } from '@playwright/test';

const ENTRANCE = `
  <rect width="640" height="480" fill="#a9c6dc"/>
  <rect y="330" width="640" height="150" fill="#b9b2a5"/>
  <rect x="70" y="90" width="500" height="260" fill="#e9e1d2"/>
  <rect x="70" y="90" width="500" height="58" fill="#0f5c4d"/>
  <text x="320" y="130" text-anchor="middle" font-size="30" fill="#fff" font-family="Vazirmatn, sans-serif">مركز خدمات الهوية</text>
  <rect x="262" y="196" width="116" height="154" fill="#5d7f8e"/>
  <rect x="270" y="204" width="48" height="146" fill="#9cc3cf"/>
  <rect x="322" y="204" width="48" height="146" fill="#9cc3cf"/>
  <rect x="110" y="190" width="110" height="80" fill="#8fb6c6"/>
  <rect x="420" y="190" width="110" height="80" fill="#8fb6c6"/>
  <path d="M262 350 h116 l60 60 h-236 z" fill="#d3ccbf"/>
  <circle cx="500" cy="318" r="20" fill="#2f6db3"/>
  <text x="500" y="327" text-anchor="middle" font-size="26" fill="#fff">♿</text>
  <rect x="20" y="260" width="14" height="110" fill="#6b5137"/><circle cx="27" cy="240" r="44" fill="#5f8a4e"/>`;

const HALL = `
  <rect width="640" height="480" fill="#efeae0"/>
  <rect y="350" width="640" height="130" fill="#cfc7b8"/>
  <rect x="40" y="70" width="250" height="120" fill="#1d2a2f"/>
  <text x="165" y="148" text-anchor="middle" font-size="64" fill="#ffb347" font-family="monospace">A047</text>
  <rect x="340" y="120" width="260" height="150" fill="#d8e6ea"/>
  <rect x="330" y="250" width="280" height="60" fill="#8a6f52"/>
  <g fill="#31586b">${[60, 150, 240, 330, 420, 510]
    .map((x) => `<rect x="${x}" y="330" width="64" height="58" rx="8"/>`)
    .join('')}</g>
  <g fill="#26485a">${[60, 150, 240, 330, 420, 510]
    .map(
      (x) =>
        `<rect x="${x + 4}" y="388" width="8" height="40"/><rect x="${x + 52}" y="388" width="8" height="40"/>`,
    )
    .join('')}</g>`;

const TICKET = `
  <rect width="640" height="480" fill="#7b6a58"/>
  <g transform="rotate(-4 320 240)">
    <rect x="200" y="40" width="240" height="400" fill="#fbfaf6"/>
    <text x="320" y="100" text-anchor="middle" font-size="22" font-family="Vazirmatn, sans-serif">مركز خدمات الهوية</text>
    <text x="320" y="210" text-anchor="middle" font-size="72" font-weight="700" font-family="sans-serif">A047</text>
    <text x="320" y="270" text-anchor="middle" font-size="20" font-family="Vazirmatn, sans-serif">أمامك 6 مراجعين</text>
    <text x="320" y="340" text-anchor="middle" font-size="20" font-family="monospace">09:02</text>
    <g fill="#222">${[0, 9, 15, 27, 33, 42, 54, 60, 72, 81, 90, 99, 108, 120, 129]
      .map((x, at) => `<rect x="${250 + x}" y="370" width="${at % 3 === 0 ? 6 : 3}" height="40"/>`)
      .join('')}</g>
  </g>`;

const MAP = `
  <rect width="640" height="480" fill="#eef0e8"/>
  <path d="M-20 330 C160 300 240 380 660 250" stroke="#fff" stroke-width="34" fill="none"/>
  <path d="M210 -20 C230 160 250 300 230 500" stroke="#fff" stroke-width="26" fill="none"/>
  <path d="M420 -20 L470 500" stroke="#fff" stroke-width="18" fill="none"/>
  <rect x="20" y="110" width="160" height="130" rx="10" fill="#cfe3c4"/>
  <rect x="490" y="330" width="170" height="170" rx="10" fill="#b9d9ea"/>
  <g fill="#dcd8cc"><rect x="270" y="110" width="120" height="70"/><rect x="280" y="390" width="110" height="60"/><rect x="40" y="390" width="140" height="60"/><rect x="500" y="110" width="110" height="90"/></g>
  <path d="M330 250 c-34 0 -54 -26 -54 -54 a54 54 0 0 1 108 0 c0 28 -20 54 -54 104 z" fill="#0f5c4d"/>
  <circle cx="330" cy="196" r="20" fill="#fff"/>
  <rect x="0" y="0" width="640" height="72" fill="#fff"/>
  <text x="320" y="46" text-anchor="middle" font-size="26" fill="#222" font-family="Vazirmatn, sans-serif">مركز خدمات الهوية</text>`;

export type Scene = 'entrance' | 'hall' | 'ticket' | 'map';
const SCENES: Record<Scene, string> = {
  entrance: ENTRANCE,
  hall: HALL,
  ticket: TICKET,
  map: MAP,
};

/** Draws a scene as a camera would deliver it; another quality is another file. */
export async function photograph(browser: Browser, scene: Scene, quality = 85): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 640, height: 480 } });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480">${SCENES[scene]}</svg>`;
  await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
  const bytes = await page.screenshot({ type: 'jpeg', quality });
  await page.close();
  return bytes;
}
