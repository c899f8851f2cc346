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
  // GoNB gives a busy machine half a second to answer. A widget that has heard nothing asks again, or its picture does not move.
  /comm_open_ack not received in time/,
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
  await page.waitForTimeout(3000); // GoNB says nothing until it has something to do.
  if (await page.locator('#jp-left-stack').isVisible()) await page.keyboard.press('Control+b');
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
  await choose(page, 'Run', 'runmenu:run-all');
  const seen = []; // Of each cell, the sources that its last picture has had.
  let cells;
  await until('the end of the notebook', 480, async () => {
    cells = await look(page);
    for (const [i, { prompt, pictures }] of cells.entries()) {
      seen[i] ??= new Set();
      if (!prompt.includes('*') || pictures.length === 0) continue;
      const before = seen[i].size;
      seen[i].add(pictures.at(-1));
      if (before === 11 && seen[i].size === 12) await shoot(page, page.locator('.jp-CodeCell').nth(i), 'lab');
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
const source = (cell) => cell.locator('.jp-OutputArea-output img').first().getAttribute('src', { timeout: 100 }).catch(() => null);

// redraws makes a movement and waits until the picture of a cell is another one.
async function redraws(cell, what, move) {
  await cell.locator('[data-done]').waitFor();
  const before = await source(cell);
  await move();
  const start = Date.now();
  await until(`a picture after ${what}`, 20, async () => ![null, before].includes(await source(cell)));
  say(`${what}: redrawn after ${Date.now() - start} ms`);
}

// drag moves the mouse over an element with its button down, from one place to another, in parts of its width and height.
async function drag(page, element, from, to) {
  const box = await element.boundingBox();
  const go = (at, options) => page.mouse.move(box.x + at[0] * box.width, box.y + at[1] * box.height, options);
  await go(from);
  await page.mouse.down();
  await go(to, { steps: 40 });
  await page.mouse.up();
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

// choose picks an entry of a menu.
async function choose(page, menu, command) {
  await page.locator('.lm-MenuBar-item', { hasText: new RegExp(`^${menu}$`) }).click();
  await page.locator(`li[data-command="${command}"]`).click();
}

// controls moves a hand over each kind of control.
async function controls(page) {
  await open(page, 'controls.ipynb');
  let cell = await run(page, 0), start = Date.now();
  await until('the end of a cell of declarations', 60, async () => /\[\d+\]/.test(await prompt(cell)));
  say(`declarations: ended after ${Date.now() - start} ms`);
  cell = await run(page, 1), start = Date.now();
  await until('samples', 60, () => source(cell));
  say(`a run loaded, and samples drawn: after ${Date.now() - start} ms`);
  const slider = cell.locator('[data-slider]').first();
  await redraws(cell, 'a key on a slider', () => slider.press('ArrowRight'));
  await redraws(cell, 'a slider dragged', () => drag(page, slider, [0.5, 0.5], [0.75, 0.5]));
  await until('the newest picture', 20, async () => { // No movement may be left to draw.
    const before = await source(cell);
    await page.waitForTimeout(700);
    return before === await source(cell);
  });
  await redraws(cell, 'another slider', () => cell.locator('[data-slider]').nth(1).press('PageUp'));
  await shoot(page, cell, 'lab-slider');
  const last = await source(cell);
  await cell.locator('[data-done]').click();
  await ended(cell, 'Done below sliders', 10);
  assert.equal(await source(cell), last, 'the picture that is left is not the last one');

  cell = await run(page, 2);
  await redraws(cell, 'a choice', () => cell.getByLabel('large').check());
  await choose(page, 'Kernel', 'kernelmenu:interrupt');
  await ended(cell, 'interrupted', 10);

  // The page is loaded again, and the kernel, which does not know, has to find the new one.
  await choose(page, 'File', 'docmanager:save');
  await page.waitForTimeout(1000);
  await open(page, 'controls.ipynb');
  cell = await run(page, 3);
  const canvas = cell.locator('[data-mask]');
  await redraws(cell, 'a mask cleared', () => cell.locator('[data-clear]').click());
  await redraws(cell, 'a stroke', () => drag(page, canvas, [0.3, 0.3], [0.7, 0.6]));
  await shoot(page, cell, 'lab-paint');
  await cell.locator('[data-done]').click();
  await ended(cell, 'Done below a picture', 10);

  cell = await run(page, 2);
  await cell.locator('[data-done]').waitFor();
  await ended(cell, 'left alone', 30);
}

await mkdir(screenshots, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
let page;
try {
  page = await browser.newPage({ viewport: { width: 1200, height: 860 } });
  page.setDefaultTimeout(60_000);
  const complain = (text) => {
    if (harmless.some((known) => known.test(text))) say(`harmless: ${text.split('\n')[0]}`);
    else complaints.push(text);
  };
  page.on('console', (m) => { if (m.type() === 'error') complain(`console: ${m.text()} (${m.location().url})`); });
  page.on('pageerror', (error) => complain(`uncaught: ${error.stack ?? error}`));
  page.on('response', (r) => { if (r.status() >= 400) complain(`${r.status()} ${r.url()}`); });
  await lesson(page);
  await controls(page);
} catch (error) {
  await page?.screenshot({ path: join(screenshots, 'failed.png') });
  throw error;
} finally {
  await browser.close();
  for (const text of complaints) console.log(text.replace(/token=\w+/g, 'token=…'));
}
assert.equal(complaints.length, 0, 'the browser has complained, see above');
say('no error on the console');
