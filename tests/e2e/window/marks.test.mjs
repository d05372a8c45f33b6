// Arabic marks in the real window. WebKitGTK shifts the letters of a word when one of its marks is
// set off from its place; the page's style sheet keeps it from that. Here the words are drawn in the
// app's font, with their marks and without: the letters must lie where they lay.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Desk } from './desk.mjs';

const WORDS = ['أهلًا', 'مثلًا', 'أولًا', 'كلًّا', 'بِسْمِ'];
const MARKS = /[\u064b-\u0652]/g;
/** Letters are drawn so large that a shift is many pixels, and smoothing of edges is one. */
const SIZE_PX = 96;
const SMOOTHING_PX = 2;

let desk;
let session;

before(async () => {
  desk = await Desk.set();
  session = await desk.open();
});
after(async () => {
  if (session) await desk.close(session);
  await desk?.clear();
});

/** A picture of a word in the app's font; `features` overrides the style sheet. */
async function draw(word, features = '') {
  await session.run(
    `async (word, size, features) => {
      document.getElementById('word')?.remove();
      const box = document.createElement('div');
      box.id = 'word';
      box.lang = 'ar';
      box.dir = 'rtl';
      box.textContent = word;
      Object.assign(box.style, {
        position: 'fixed', inset: '0 auto auto 0', zIndex: '9999', inlineSize: '400px',
        padding: '40px', background: '#fff', color: '#000', fontSize: size + 'px',
        lineHeight: '2', fontFeatureSettings: features,
      });
      document.body.append(box);
      const family = getComputedStyle(box).fontFamily;
      await document.fonts.load(size + 'px ' + family, word);
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    }`,
    word,
    SIZE_PX,
    features,
  );
  // The whole page: WebKitGTK's pictures of one element are black.
  return (await session.picture()).toString('base64');
}

/** The share of the plain word's ink that has none near it in the marked word. */
function missingInk(plain, marked) {
  return session.run(
    `async (plain, marked, near) => {
      const { width, height } = document.getElementById('word').getBoundingClientRect();
      const inkOf = async (picture) => {
        const image = new Image();
        image.src = 'data:image/png;base64,' + picture;
        await image.decode();
        const canvas = document.createElement('canvas');
        Object.assign(canvas, { width, height });
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, width, height);
        return (x, y) => data[(y * width + x) * 4] < 128;
      };
      const [before, after] = [await inkOf(plain), await inkOf(marked)];
      const hasInkNear = (x, y) => {
        for (let dy = -near; dy <= near; dy += 1)
          for (let dx = -near; dx <= near; dx += 1) if (after(x + dx, y + dy)) return true;
        return false;
      };
      let ink = 0;
      let missing = 0;
      for (let y = near; y < height - near; y += 1)
        for (let x = near; x < width - near; x += 1) {
          if (!before(x, y)) continue;
          ink += 1;
          if (!hasInkNear(x, y)) missing += 1;
        }
      return { ink: ink / (width * height), share: missing / ink };
    }`,
    plain,
    marked,
    SMOOTHING_PX,
  );
}

async function shift(word, features) {
  const plain = await draw(word.replace(MARKS, ''), features);
  const { ink, share } = await missingInk(plain, await draw(word, features));
  assert.ok(ink > 0.01 && ink < 0.1, `${word} was drawn, its ink covers ${ink} of the picture`);
  return share;
}

test('the app’s font is in use', async () => {
  await draw(WORDS[0]);
  const told = await session.run(`() => ({
    family: getComputedStyle(document.getElementById('word')).fontFamily,
    isLoaded: [...document.fonts].some(({ family, status, unicodeRange }) =>
      family === 'Vazirmatn' && status === 'loaded' && unicodeRange.includes('U+6')),
  })`);
  assert.match(told.family, /^Vazirmatn/);
  assert.ok(told.isLoaded, 'and not only named');
});

for (const word of WORDS) {
  test(`the marks of ${word} leave its letters where they are`, async () => {
    const share = await shift(word);
    assert.ok(share < 0.02, `${(share * 100).toFixed(1)} % of the letters' ink has moved`);
  });
}

test('without the style sheet’s cure letters are shifted, so it is still needed', async () => {
  const shares = [];
  for (const word of WORDS) shares.push(await shift(word, 'normal'));
  const told = shares.map((share) => (share * 100).toFixed(1)).join(', ');
  assert.ok(Math.max(...shares) > 0.1, `moved, in percent: ${told}`);
});
