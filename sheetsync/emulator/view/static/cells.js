// One cell as an element: its text, its look, its marks.

import { letters, make } from "./dom.js";
import { data, headWidth, isHiddenColumn, lefts, lengthOf, lines, top, unlike, width } from "./sheet.js";

const FADE = 2500; // as long as the animation of .fresh
const fresh = new Map();

export function cellElement(row, column, cells) {
  const element = make("div", "cell");
  element.setAttribute("role", "gridcell");
  element.ariaColIndex = column + 1;
  element.dataset.row = row;
  element.dataset.column = column;
  element.id = `c${row}-${column}`;
  place(element, column);
  const merge = data.merges.find((area) => isInside(area, row, column));
  if (isHiddenColumn(column)) veil(element, column);
  else if (merge && (merge[0] !== row || merge[1] !== column)) cover(element, merge, row);
  else furnish(element, row, column, cells, merge);
  return element;
}

function furnish(element, row, column, cells, merge) {
  const cell = cells.get(column), look = data.looks[cell ? cell.look : unlike.get(column)?.look] ?? {};
  if (merge) stretch(element, merge);
  paint(element, look);
  if (cell) fill(element, cell, merge ? 0 : roomOf(column, cell, look, cells));
  decorate(element, row, column, cell);
  light(element);
}

function isInside([top, left, bottom, right], row, column) {
  return top <= row && row < bottom && left <= column && column < right;
}

/** A cell under a merge: the merge's first cell is as wide as its row, and lies over the rows below. */
function cover(element, merge, row) {
  if (merge[0] === row) element.style.display = "none";
  else element.style.visibility = "hidden";
}

function stretch(element, [t, l, b, r]) {
  element.style.width = `${lefts[r] - lefts[l]}px`;
  element.style.height = `${top(b) - top(t)}px`;
  element.style.background = "var(--paper)";
}

function paint(element, look) {
  const { style, classList } = element;
  const decoration = [look.underline && "underline", look.strikethrough && "line-through"].filter(Boolean).join(" ");
  if (look.bold) style.fontWeight = "bold";
  if (look.italic) style.fontStyle = "italic";
  if (decoration) style.textDecoration = decoration;
  if (look.align) style.textAlign = look.align;
  if (look.upright) style.justifyContent = look.upright;
  if (look.font) style.fontFamily = look.font;
  if (look.size) Object.assign(style, { fontSize: `${look.size}pt`, lineHeight: "1.25" });
  classList.toggle("large", look.size > 11);
  classList.toggle("wraps", look.wrap === "wrap");
  color(element, look);
}

/** On a dark page, ink without a ground of its own is made lighter: see .inked in grid.css. */
function color(element, look) {
  const { style, classList } = element;
  if (look.background) style.backgroundColor = look.background;
  if (look.color) style.color = look.color;
  if (look.color) style.setProperty("--own", look.color);
  classList.toggle("painted", Boolean(look.background));
  classList.toggle("inked", Boolean(look.color));
  for (const [side, line] of Object.entries(look.borders ?? {})) style.setProperty(`border-${side}`, line);
}

function fill(element, cell, room) {
  if (cell.kind) element.classList.add(`is-${cell.kind}`);
  const text = make("span", "text", cell.kind === "checkbox" ? "" : cell.text ?? "");
  if (cell.kind === "checkbox") text.append(boxElement(cell.text === "TRUE"));
  else if (cell.kind !== "number") text.dir = "auto";
  if (room) {
    element.classList.add("spills");
    text.style.width = `${room}px`;
  }
  element.append(text);
}

function boxElement(isOn) {
  const box = make("span", isOn ? "check on" : "check");
  box.setAttribute("role", "checkbox");
  box.ariaChecked = String(isOn);
  return box;
}

/** How wide a text is drawn that reaches into the empty cells beside it; 0 for one that stays in its own. */
function roomOf(column, cell, look, cells) {
  if (cell.kind !== "text" || look.wrap || (look.align && look.align !== "left")) return 0;
  const needed = lengthOf(cell) + 4;
  let room = width(column) - 7, next = column + 1;
  if (needed <= room) return 0;
  const isEmpty = () => next !== data.frozenColumns && !isHiddenColumn(next) && !cells.get(next)?.text;
  while (room < needed && next < data.columns && isEmpty()) room += width(next++);
  return next > column + 1 ? Math.min(needed, room) : 0;
}

function decorate(element, row, column, cell) {
  if (data.protected.some((area) => isInside(area, row, column))) {
    element.classList.add("guarded");
    element.title = "Protected range";
  }
  if (cell?.note) {
    element.classList.add("noted");
    element.title = cell.note;
    element.ariaDescription = `Note: ${cell.note}`;
  }
  if (data.filter && row === data.filter[0] && isInside(data.filter, row, column)) {
    element.append(make("i", "funnel"));
    element.lastChild.title = "Basic filter";
  }
}

/** What is drawn anew while it fades goes on where it was. */
export function light(element) {
  const age = performance.now() - (fresh.get(element.id) ?? -Infinity);
  if (age > FADE) return;
  element.classList.add("fresh");
  element.style.animationDelay = `${-Math.round(age)}ms`;
}

/** Cells that a batch changed since the last look, at `before` and `old`, are marked for a while. */
export function glow(before, old) {
  const now = performance.now();
  // A column that comes or goes moves all cells beside it: nothing of that is news.
  if (before?.gid !== data.gid || before.columns !== data.columns) return fresh.clear();
  for (const [id, since] of fresh) if (now - since > FADE) fresh.delete(id);
  for (const line of data.lines) {
    if (line.epoch <= before.epoch) continue;
    const was = old.get(line.row) ?? new Map(), is = lines.get(line.row);
    if (![...was.values()].some((cell) => cell.text)) fresh.set(`r${line.row}`, now);
    for (const column of new Set([...was.keys(), ...is.keys()])) {
      if ((was.get(column)?.text ?? "") !== (is.get(column)?.text ?? "")) fresh.set(`c${line.row}-${column}`, now);
    }
  }
}

export function veil(element, column) {
  const heading = unlike.get(column).heading;
  element.classList.add("gone");
  element.title = `Column ${letters(column)}${heading ? ` (${heading})` : ""} is hidden`;
}

export function place(element, column) {
  element.style.width = `${width(column)}px`;
  if (column >= data.frozenColumns) return;
  element.classList.add("frozen");
  element.style.insetInlineStart = `${headWidth() + lefts[column]}px`;
  if (column === data.frozenColumns - 1) element.classList.add("frozen-edge");
}
