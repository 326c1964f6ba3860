// The tab as it was last received, which cell of it is selected, and where its rows and columns lie.

import { grid, head } from "./dom.js";

export const ROW = 21;
const COLUMN = 100, WIDEST = 260, GONE = 4, MARGIN = 60;
/** Browsers end pages somewhat higher than this; beyond, the way of the scroll bar stands for more rows. */
export const TALLEST = 12_000_000;
const ALL_COLUMNS = 60; // so many are drawn all; of more, those in sight

export const BEGINNING = { from: 0, to: 120, left: 0, right: ALL_COLUMNS };
export let gid = "", data = null, selected = { row: 0, column: 0 };
/** Row -> column -> cell; and the columns that are unlike most: hidden, or with a width or a look of their own. */
export let lines = new Map(), unlike = new Map();
export let lefts = [0];
const fitted = new Map(), measured = new Map();
let isPrinted = false;
const pen = document.createElement("canvas").getContext("2d");

/** On paper there is no scrolling: all rows at hand are in sight. */
export function setPrinted(printed) {
  isPrinted = printed;
}

export function want(tab) {
  gid = tab;
}

export function receive(news) {
  const isOther = data?.gid !== news.gid;
  data = news;
  gid = String(news.gid);
  lines = new Map(news.lines.map((line) => [line.row, new Map(line.cells.map((cell) => [cell.column, cell]))]));
  unlike = new Map(news.columnsUnlikeOthers.map((each) => [each.column, each]));
  if (isOther) {
    fitted.clear();
    measured.clear();
    select(0, firstVisible());
  }
  fit();
  layColumns();
}

export function select(row, column) {
  const within = (index, count) => Math.min(count - 1, Math.max(0, index));
  selected = { row: within(row, data.rows), column: within(column, data.columns) };
}

function firstVisible() {
  let column = 0;
  while (isHiddenColumn(column) && column < data.columns - 1) column++;
  return column;
}

/** The offset of a row: all rows are ROW high but the runs the server names and those that were measured. */
export function top(row) {
  let y = row * ROW;
  for (const [start, end, pixels] of data.heights) {
    if (start >= row) break;
    const count = Math.min(end, row) - start;
    y += pixels ? count * (pixels - ROW) : GONE - count * ROW; // of hidden rows one thin bar is left
  }
  for (const [at, pixels] of measured) if (at < row) y += pixels - ROW;
  return y;
}

/** Keeps the measured height of a drawn row; true when that is news. */
export function remeasure(row, pixels) {
  if (pixels === (measured.get(row) ?? ROW)) return false;
  if (pixels === ROW) measured.delete(row);
  else measured.set(row, pixels);
  return true;
}

export const height = (row) => top(row + 1) - top(row);
export const run = (row) => data.heights.find(([start, end]) => start <= row && row < end);

function firstThat(count, reaches) {
  let low = 0, high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reaches(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export const width = (column) => lefts[column + 1] - lefts[column];

function widthOf(column) {
  const own = unlike.get(column);
  return own?.hidden ? GONE : own?.width ?? fitted.get(column) ?? COLUMN;
}

function layColumns() {
  lefts = [0];
  for (let column = 0; column < data.columns; column++) lefts.push(lefts[column] + widthOf(column));
}

/** Columns without a width of their own grow until their texts fit; they never shrink, so that nothing jumps. */
function fit() {
  for (const cells of lines.values()) {
    for (const [column, cell] of cells) {
      if (!cell.text || unlike.get(column)?.width || fitted.get(column) === WIDEST) continue;
      const spills = cell.kind === "text" && column + 1 < data.columns && !cells.get(column + 1)?.text;
      const wraps = data.looks[cell.look]?.wrap;
      if (spills || wraps) continue;
      const needed = Math.min(WIDEST, Math.ceil(lengthOf(cell)) + 9);
      if (needed > (fitted.get(column) ?? COLUMN)) fitted.set(column, needed);
    }
  }
}

export function lengthOf(cell) {
  const look = data.looks[cell.look] ?? {};
  const slant = look.italic ? "italic" : "", weight = look.bold ? "bold" : "";
  pen.font = `${slant} ${weight} ${look.size ?? 10}pt Arial, "Liberation Sans", sans-serif`;
  return pen.measureText(cell.text).width;
}

export const headWidth = () => Math.max(46, String(data.rows).length * 8 + 14);
export const isHiddenRow = (row) => run(row)?.[2] === 0;
export const isHiddenColumn = (column) => Boolean(unlike.get(column)?.hidden);

/** What is in sight: rows and columns, and how far drawn rows are moved where the page cannot be high enough. */
export function sight() {
  const frozen = data.frozenRows, start = top(frozen), total = top(data.rows) - start;
  const room = Math.max(ROW, grid.clientHeight - head.offsetHeight);
  const shown = Math.min(total, TALLEST);
  const y = shown < total ? grid.scrollTop * ((total - room) / (shown - room)) : grid.scrollTop;
  const first = Math.max(frozen, firstThat(data.rows, (row) => top(row + 1) - start > y));
  const last = Math.min(data.rows, firstThat(data.rows, (row) => top(row) - start >= y + room));
  const shift = grid.scrollTop - y - start;
  const view = { first: reachUp(first), last, shown, shift, left: data.frozenColumns, right: data.columns };
  if (isPrinted) Object.assign(view, allAtHand(Math.max(frozen, data.from)));
  if (data.columns > ALL_COLUMNS) {
    const x = Math.abs(grid.scrollLeft) + lefts[data.frozenColumns];
    view.left = Math.max(view.left, firstThat(data.columns, (column) => lefts[column + 1] > x) - 5);
    view.right = Math.min(data.columns, firstThat(data.columns, (column) => lefts[column] >= x + grid.clientWidth) + 5);
  }
  return view;
}

const allAtHand = (first) => ({ first, last: data.to, shift: -top(first), shown: top(data.to) - top(first) });

/** A merged cell is drawn by its first row. */
function reachUp(first) {
  const tops = data.merges.filter(([t, , b]) => t < first && b > first && t >= data.frozenRows).map(([t]) => t);
  return Math.max(Math.min(first, ...tops), first - MARGIN);
}

/** Whether all that is in sight has been received. */
export function isCovered({ first, last, left, right } = sight()) {
  const isHigh = data.from <= first && Math.min(last, data.rows) <= data.to;
  return isHigh && data.left <= left && Math.min(right, data.columns) <= data.right;
}

/** The window to ask for: what is in sight, and some more for the next turn of the wheel. */
export function windowAround({ first, last, left, right } = sight()) {
  const isWide = data.columns > ALL_COLUMNS;
  return {
    from: Math.max(0, first - MARGIN),
    to: last + MARGIN,
    left: isWide ? Math.max(0, left - 10) : 0,
    right: isWide ? right + 10 : ALL_COLUMNS,
  };
}
