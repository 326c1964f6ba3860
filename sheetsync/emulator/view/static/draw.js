// Drawing: the rows in sight become elements, those out of sight go.

import { cellElement, light, place, veil } from "./cells.js";
import { body, cellAt, grid, head, letters, make } from "./dom.js";
import {
  data, headWidth, height, isHiddenColumn, isHiddenRow, lefts, lines, remeasure, ROW, run, selected, sight, top,
} from "./sheet.js";

const drawn = new Map();
let columnsDrawn = "";

/** Draws what is in sight and not drawn yet; `anew`: all of it. */
export function draw(anew = false) {
  if (!data) return;
  let view = sight();
  const columns = `${view.left}-${view.right}`;
  if (anew || columns !== columnsDrawn) {
    columnsDrawn = columns;
    for (const row of [...drawn.keys()]) drop(row);
    drawHead(view);
    view = sight();
  }
  const keep = new Set();
  for (let row = view.first; row < view.last; row++) {
    keep.add(row);
    if (!drawn.has(row)) {
      drawn.set(row, rowElement(row, view));
      body.append(drawn.get(row));
    }
    if (isHiddenRow(row)) row = run(row)[1] - 1;
  }
  for (const row of [...drawn.keys()]) if (!keep.has(row)) drop(row);
  if (measure()) view = sight();
  for (const [row, element] of drawn) element.style.transform = `translateY(${top(row) + view.shift}px)`;
  body.style.height = `${view.shown}px`;
  body.style.width = head.style.width = `${headWidth() + lefts[data.columns]}px`;
  markSelected();
  grid.dispatchEvent(new Event("drawn"));
}

function drop(row) {
  drawn.get(row).remove();
  drawn.delete(row);
}

function drawHead(view) {
  const row = make("div", "row letters");
  row.setAttribute("role", "row");
  const corner = make("div", "number letter");
  corner.style.width = `${headWidth()}px`;
  row.append(corner);
  for (const column of columnsOf(view, row)) row.append(letterElement(column));
  const frozen = [];
  for (let index = 0; index < data.frozenRows; index++) {
    frozen.push(rowElement(index, view));
    frozen.at(-1).classList.add("frozen-row");
    frozen.at(-1).style.height = `${height(index)}px`;
  }
  frozen.at(-1)?.classList.add("last");
  head.replaceChildren(row, ...frozen);
}

/** The columns to draw: the frozen ones, then those in sight, behind a spacer for what is left of them. */
function* columnsOf(view, row) {
  for (let column = 0; column < data.frozenColumns; column++) yield column;
  const skipped = lefts[view.left] - lefts[data.frozenColumns];
  if (skipped) {
    const spacer = make("div");
    spacer.style.cssText = `flex: none; width: ${skipped}px`;
    row.append(spacer);
  }
  for (let column = view.left; column < view.right; column++) yield column;
}

function letterElement(column) {
  const hidden = isHiddenColumn(column);
  const element = make("div", "letter", hidden ? "" : letters(column));
  element.setAttribute("role", "columnheader");
  element.dataset.column = column;
  if (hidden) veil(element, column);
  place(element, column);
  return element;
}

function rowElement(row, view) {
  const element = make("div", "row"), odd = run(row);
  element.id = `r${row}`;
  element.setAttribute("role", "row");
  element.ariaRowIndex = row + 1;
  if (odd?.[2] === 0) {
    element.classList.add("gone");
    element.title = odd[1] - odd[0] > 1 ? `Rows ${odd[0] + 1} to ${odd[1]} are hidden` : `Row ${row + 1} is hidden`;
    element.style.width = `${headWidth() + lefts[data.columns]}px`;
    return element;
  }
  const number = make("div", "number", (row + 1).toString());
  number.setAttribute("role", "rowheader");
  number.dataset.row = row;
  number.style.width = `${headWidth()}px`;
  element.append(number);
  const cells = lines.get(row) ?? new Map();
  for (const column of columnsOf(view, element)) element.append(cellElement(row, column, cells));
  element.classList.toggle("tall", data.merges.some(([t, , b]) => t === row && b > row + 1));
  if (odd) element.style.height = `${odd[2]}px`;
  else if (element.querySelector(".wraps, .large")) element.dataset.auto = "";
  light(element);
  return element;
}

/** Rows of wrapped or large texts are as high as these need: known once they are drawn. True when one changed. */
function measure() {
  let changed = false;
  for (const [row, element] of drawn) {
    const isAuto = "auto" in element.dataset;
    if (isAuto) Object.assign(element.style, { height: "auto", minHeight: `${ROW}px` });
    changed = remeasure(row, isAuto ? element.offsetHeight : ROW) || changed;
  }
  return changed;
}

export function markSelected() {
  const { row, column } = selected, cell = cellAt(selected);
  for (const element of grid.querySelectorAll(".selected, .here")) element.classList.remove("selected", "here");
  grid.querySelector("[aria-selected]")?.removeAttribute("aria-selected");
  cell?.classList.add("selected");
  cell?.setAttribute("aria-selected", "true");
  grid.setAttribute("aria-activedescendant", `c${row}-${column}`);
  grid.querySelector(`.number[data-row="${row}"]`)?.classList.add("here");
  grid.querySelector(`.letter[data-column="${column}"]`)?.classList.add("here");
}
