// Usage: node lab.mjs URL FOLDER SCREENSHOTS
//
// Opens notebooks in JupyterLab, in a Chromium without a window, and uses them as a person would. URL is JupyterLab's, with
// its token; FOLDER holds copies of the notebooks, as JupyterLab names it; SCREENSHOTS is where pictures go; the environment
// variable CHROMIUM is the browser's path. The first thing that is not as it should be ends it.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [address, folder, screenshots] = process.argv.slice(2);
const started = Date.now();
const complaints = [];

// Complaints that mean no harm, each with its reason.
const harmless = [
];

const say = (line) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}`);

// until asks again and again, and returns the first answer that is true.
async function until(what, seconds, ask) {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const answer = await ask();
    if (answer) return answer;
  }
  assert.fail(`after ${seconds} s there is still no sign of: ${what}`);
}

// open shows a notebook alone, without the list of files.
async function open(page, name) {
  const url = new URL(address);
  url.pathname = `/lab/workspaces/${name.replace(/\W/g, '-')}/tree/${folder}/${name}`;
  await page.goto(url.href);
  await page.locator('.jp-Notebook .jp-CodeCell').first().waitFor();
  await page.locator('.jp-KernelName', { hasText: 'Go (gonb)' }).waitFor();
  await page.waitForTimeout(3000); // The kernel says nothing until it has something to do.
  await page.keyboard.press('Control+b');
}

// look returns, of each code cell, its prompt, the sources of its pictures, and what it has complained about.
function look(page) {
  return page.evaluate(() => [...document.querySelectorAll('.jp-Notebook .jp-CodeCell')].map((cell) => ({
    prompt: cell.querySelector('.jp-InputPrompt').textContent,
    pictures: [...cell.querySelectorAll('.jp-OutputArea-output img')].map((img) => img.src),
    errors: [...cell.querySelectorAll('[data-mime-type$=".stderr"], [data-mime-type$=".error"]')].map((output) => output.textContent),
  })));
}

// lesson runs all of a notebook, and sees that pictures change while a cell trains.
async function lesson(page) {
  await open(page, '01_two_players.ipynb');
  await page.locator('.lm-MenuBar-item', { hasText: /^Run$/ }).click();
  await page.locator('li[data-command="runmenu:run-all"]').click();
  const seen = []; // Of each cell, the sources that its last picture has had.
  let cells, isShot = false;
  await until('the end of the notebook', 480, async () => {
    cells = await look(page);
    for (const [i, { prompt, pictures }] of cells.entries()) {
      seen[i] ??= new Set();
      if (!prompt.includes('*') || pictures.length === 0) continue;
      seen[i].add(pictures.at(-1));
      if (seen[i].size === 8 && !isShot) {
        isShot = true;
        await shoot(page, page.locator('.jp-CodeCell').nth(i), 'lab');
      }
    }
    return cells.every(({ prompt }) => !prompt.includes('*'));
  });
  for (const [i, { prompt, errors }] of cells.entries()) {
    assert.deepEqual(errors, [], `code cell ${i + 1} has failed`);
    assert.match(prompt, /\[\d+\]/, `code cell ${i + 1} has not run`);
  }
  const drawing = seen.filter((sources) => sources.size >= 5).length;
  assert.ok(drawing >= 2, `two trainings draw, but pictures have changed in ${drawing} cells: ${seen.map((s) => s.size)}`);
  const broken = await page.evaluate(() => [...document.querySelectorAll('.jp-OutputArea-output img')].filter((img) => !img.naturalWidth).length);
  assert.equal(broken, 0, 'pictures that cannot be shown');
  say(`01: ${cells.length} code cells have run, in ${drawing} of them pictures have changed (times: ${Math.max(...seen.map((s) => s.size))})`);
}

// shoot takes a screenshot with a cell in its middle.
async function shoot(page, cell, name) {
  await cell.locator('.jp-OutputArea').evaluate((area) => area.scrollIntoView({ block: 'center' }));
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}

// run runs a code cell, by its number from 0, and returns it.
async function run(page, number) {
  const cell = page.locator('.jp-CodeCell').nth(number);
  await cell.locator('.cm-content').click();
  await page.keyboard.press('Control+Enter');
  return cell;
}

const prompt = (cell) => cell.locator('.jp-InputPrompt').textContent();
const source = (cell) => cell.locator('.jp-OutputArea-output img').first().getAttribute('src', { timeout: 1000 }).catch(() => null);

// redraws makes a movement and waits until the picture of a cell is another one.
async function redraws(cell, what, move) {
  const before = await source(cell), start = Date.now();
  await move();
  await until(`a picture after ${what}`, 20, async () => ![null, before].includes(await source(cell)));
  say(`${what}: redrawn after ${Date.now() - start} ms`);
}

// ended waits until a cell has ended well, with a picture and without controls.
async function ended(cell, what, seconds) {
  const start = Date.now();
  await until(`the end of the cell, ${what}`, seconds, async () => /\[\d+\]/.test(await prompt(cell)));
  await cell.locator('[data-done]').waitFor({ state: 'detached' });
  assert.match(await source(cell) ?? '', /^data:image\/png;base64,/, `no picture is left, ${what}`);
  assert.equal(await cell.locator('[data-mime-type$=".stderr"], [data-mime-type$=".error"]').count(), 0, `the cell has complained, ${what}`);
  say(`${what}: ended after ${Date.now() - start} ms`);
}

// controls moves a hand over each kind of control.
async function controls(page) {
  await open(page, 'controls.ipynb');

  let cell = await run(page, 0);
  await cell.locator('[data-done]').waitFor();
  const slider = cell.locator('[data-slider]').first();
  console.log(await page.evaluate(() => { const c = globalThis.gonb_comm; if (c) c.debug = true; return [document.querySelector('[data-slider]').closest('.jp-OutputArea').innerHTML.slice(0, 300), Object.keys(c ?? {}), c?._comm_id]; }));
  await redraws(cell, 'a key on a slider', () => slider.press('ArrowRight'));
  await redraws(cell, 'a slider dragged', async () => {
    const box = await slider.boundingBox();
    await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.8 * box.width, box.y + box.height / 2, { steps: 40 });
    await page.mouse.up();
  });
  await page.waitForTimeout(500);
  await shoot(page, cell, 'lab-slider');
  const last = await source(cell);
  await cell.locator('[data-done]').click();
  await ended(cell, 'Done below sliders', 10);
  assert.equal(await source(cell), last, 'the picture that is left is not the last one');

  cell = await run(page, 1);
  await redraws(cell, 'a choice', () => cell.getByLabel('large').check());
  await page.locator('.lm-MenuBar-item', { hasText: /^Kernel$/ }).click();
  await page.locator('li[data-command="kernelmenu:interrupt"]').click();
  await ended(cell, 'interrupted', 10);

  cell = await run(page, 2);
  const canvas = cell.locator('[data-mask]');
  await canvas.waitFor();
  await redraws(cell, 'a mask cleared', () => cell.locator('[data-clear]').click());
  await redraws(cell, 'a stroke', async () => {
    const box = await canvas.boundingBox();
    await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.3 * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.7 * box.width, box.y + 0.6 * box.height, { steps: 20 });
    await page.mouse.up();
  });
  await shoot(page, cell, 'lab-paint');
  await cell.locator('[data-done]').click();
  await ended(cell, 'Done below a picture', 10);

  cell = await run(page, 0);
  await cell.locator('[data-done]').waitFor();
  await ended(cell, 'left alone', 20);
}

await mkdir(screenshots, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 860 } });
  page.setDefaultTimeout(60_000);
  const complain = (text) => { if (!harmless.some((known) => known.test(text))) complaints.push(text); };
  page.on('console', (m) => { console.log(m.type(), m.text()); if (m.type() === 'error') complain(`console: ${m.text()} (${m.location().url})`); });
  page.on('pageerror', (error) => complain(`uncaught: ${error.stack ?? error}`));
  page.on('response', (r) => { if (r.status() >= 400) complain(`${r.status()} ${r.url()}`); });
  if (!process.env.ONLY) await lesson(page);
  await controls(page).catch(async (error) => { await page.screenshot({path: join(screenshots, 'debug.png')}); throw error;});
} finally {
  await browser.close();
  for (const text of complaints) console.log(text.replace(/token=\w+/g, 'token=…'));
}
assert.equal(complaints.length, 0, 'the browser has complained, see above');
say('no error on the console');
