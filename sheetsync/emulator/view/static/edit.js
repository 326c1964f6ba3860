// The selected cell: moving it, its value in full, and the edits of it.

import { $, base, cellAt, grid, head, letters } from "./dom.js";
import { markSelected } from "./draw.js";
import { load } from "./live.js";
import {
  data, gid, headWidth, height, isHiddenColumn, isHiddenRow, lefts, ROW, select, selected, TALLEST, top, width,
} from "./sheet.js";

const editor = $("editor");
let editing = null;
/** The selected cell in full: {row, column, gid, typed, note}. */
export let whole = null;

export function pick(row, column) {
  select(row, column);
  markSelected();
  showValue();
}

/** Hidden rows and columns are stepped over. */
function move(down, right) {
  let { row, column } = selected;
  const isOut = () => row < 0 || column < 0 || row >= data.rows || column >= data.columns;
  do {
    row += Math.sign(down);
    column += Math.sign(right);
  } while (!isOut() && (isHiddenRow(row) || isHiddenColumn(column)));
  if (!isOut()) jump(row, column);
}

function jump(row, column) {
  pick(row, column);
  reveal();
}

/** Scroll as far as it takes to have the selected cell in sight. */
function reveal() {
  const { row, column } = selected, start = top(data.frozenRows), left = lefts[data.frozenColumns];
  if (row >= data.frozenRows) {
    const room = grid.clientHeight - head.offsetHeight, total = top(data.rows) - start;
    const ratio = total > TALLEST ? (total - room) / (TALLEST - room) : 1;
    grid.scrollTop = scrolled(grid.scrollTop * ratio, top(row) - start, height(row), room) / ratio;
  }
  if (column >= data.frozenColumns) {
    const room = grid.clientWidth - headWidth() - left;
    const x = scrolled(Math.abs(grid.scrollLeft), lefts[column] - left, width(column), room);
    grid.scrollLeft = data.rightToLeft ? -x : x;
  }
}

const scrolled = (now, at, size, room) => (at < now ? at : at + size > now + room ? at + size - room : now);

/** The window holds only the beginning of long texts, and what is shown, not what was typed. */
export async function showValue() {
  const at = { ...selected, gid };
  $("name").textContent = letters(at.column) + (at.row + 1);
  const reply = await fetch(`${base}/cell?${new URLSearchParams(at)}`, { cache: "no-store" }).catch(() => null);
  if (!reply?.ok) return; // load() tells that nobody answers
  const found = { ...at, ...(await reply.json()) };
  if (!isAt(found, selected)) return;
  whole = found;
  $("value").textContent = whole.typed;
}

const isAt = (one, other) => one?.row === other.row && one.column === other.column && one.gid === gid;

// -- edits

export async function act(name, more) {
  const body = JSON.stringify({ act: name, gid: data.gid, ...more });
  const headers = { "Content-Type": "application/json" };
  const reply = await fetch(`${base}/acts`, { method: "POST", headers, body }).catch(() => null);
  if (reply?.ok) $("problem").hidden = true;
  else complain(reply ? (await reply.json()).error.message : "Nobody answers: this was not saved.");
  load();
}

function complain(message) {
  $("problem").textContent = message.replace(/^Invalid requests\[0\]\.\w+: /, "");
  $("problem").hidden = false;
  clearTimeout(complain.timer);
  complain.timer = setTimeout(() => ($("problem").hidden = true), 8000);
}

/** Open the editor over the selected cell: with what was typed there, or with the beginning of something new. */
export async function edit(beginning) {
  const at = { ...selected };
  if (isHiddenColumn(at.column) || isHiddenRow(at.row)) return;
  if (beginning === undefined && !isAt(whole, at)) await showValue();
  if (beginning === undefined && !isAt(whole, at)) return; // nobody answers
  editing = { ...at, gid, was: beginning === undefined ? whole.typed : null };
  editor.value = beginning ?? editing.was;
  editor.hidden = false;
  placeEditor();
  editor.focus({ preventScroll: true });
  editor.setSelectionRange(editor.value.length, editor.value.length);
}

function placeEditor() {
  if (!editing) return;
  const box = cellAt(editing)?.getBoundingClientRect();
  editor.style.visibility = box ? "visible" : "hidden";
  if (!box) return;
  const sizes = { left: box.left - 1, top: box.top - 1, minWidth: box.width + 1, minHeight: box.height + 1 };
  for (const [name, pixels] of Object.entries(sizes)) editor.style[name] = `${pixels}px`;
}

function close() {
  const done = editing;
  editing = null;
  editor.hidden = true;
  grid.focus({ preventScroll: true });
  return done;
}

export function commit(down = 0, right = 0) {
  if (!editing) return;
  const text = editor.value, { row, column, was, gid: tab } = close();
  if (tab === gid && text !== was) act("type", { row, column, text });
  if (down || right) move(down, right);
}

const toggle = (box) => act("type", { ...selected, text: box.classList.contains("on") ? "FALSE" : "TRUE" });

// -- keys and mouse

const page = () => Math.max(1, Math.floor((grid.clientHeight - head.offsetHeight) / ROW) - 1);
const empty = () => act("type", { ...selected, text: "" });
const KEYS = {
  ArrowUp: () => move(-1, 0),
  ArrowDown: () => move(1, 0),
  ArrowLeft: () => move(0, -1),
  ArrowRight: () => move(0, 1),
  Tab: (event) => move(0, event.shiftKey ? -1 : 1),
  PageUp: () => jump(selected.row - page(), selected.column),
  PageDown: () => jump(selected.row + page(), selected.column),
  Home: (event) => jump(event.ctrlKey ? 0 : selected.row, 0),
  End: (event) => jump(event.ctrlKey ? data.rows - 1 : selected.row, data.columns - 1),
  Enter: () => edit(),
  F2: () => edit(),
  Delete: empty,
  Backspace: empty,
};
const undo = () => act("undo", {});
const EDITOR_KEYS = {
  Enter: (event) => commit(event.shiftKey ? -1 : 1, 0),
  Tab: (event) => commit(0, event.shiftKey ? -1 : 1),
  Escape: close,
};

/** From the last cell of a row, Tab leaves the grid: keyboards must get out. */
const leaves = ({ key, shiftKey }) => key === "Tab" && selected.column === (shiftKey ? 0 : data.columns - 1);

grid.addEventListener("keydown", (event) => {
  if (!data || leaves(event)) return;
  const box = cellAt(selected)?.querySelector(".check");
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (KEYS[event.key]) KEYS[event.key](event);
  else if (event.key === " " && box) toggle(box);
  else if (event.key === "z" && (event.ctrlKey || event.metaKey)) undo();
  else if (event.key.length === 1 && isPlain) edit(event.key);
  else return;
  event.preventDefault();
});
grid.addEventListener("mousedown", (event) => {
  const cell = event.target.closest(".cell");
  if (!cell || event.button) return;
  commit();
  pick(Number(cell.dataset.row), Number(cell.dataset.column));
  if (event.target.matches(".check")) toggle(event.target);
});
grid.addEventListener("dblclick", (event) => event.target.closest(".cell") && edit());
grid.addEventListener("drawn", placeEditor);
grid.addEventListener("news", showValue);
editor.addEventListener("keydown", (event) => {
  if (!EDITOR_KEYS[event.key] || event.isComposing) return;
  event.preventDefault();
  const isLineBreak = event.key === "Enter" && (event.altKey || event.ctrlKey);
  if (isLineBreak) editor.setRangeText("\n", editor.selectionStart, editor.selectionEnd, "end");
  else EDITOR_KEYS[event.key](event);
});
editor.addEventListener("blur", () => commit());
document.addEventListener("copy", (event) => {
  if (document.activeElement !== grid || !isAt(whole, selected)) return;
  event.clipboardData.setData("text/plain", cellAt(selected)?.textContent || whole.typed);
  event.preventDefault();
});
