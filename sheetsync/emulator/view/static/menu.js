// The menu of a row, a column or a cell, and the note of a cell.

import { $, cellAt, grid, letters, make } from "./dom.js";
import { act, commit, edit, pick, showValue, whole } from "./edit.js";
import { data, selected } from "./sheet.js";

const menu = $("menu");

/** A row alone and a column alone have their part of the items; a cell has all. */
function items({ row, column }) {
  const isCell = row !== undefined && column !== undefined, found = [];
  if (isCell) found.push(["Edit cell", () => edit()], [whole?.note ? "Edit note" : "Add note", writeNote], null);
  if (row !== undefined) {
    found.push(["Insert row above", () => act("insert_row", { row })]);
    found.push(["Insert row below", () => act("insert_row", { row: row + 1 })]);
    found.push(["Delete row", () => act("delete_row", { row })]);
  }
  if (isCell) found.push(null);
  if (column !== undefined) {
    found.push([`Sort by ${letters(column)}, A to Z`, () => act("sort", { column })]);
    found.push([`Sort by ${letters(column)}, Z to A`, () => act("sort", { column, descending: true })]);
  }
  return found;
}

function open(at, x, y) {
  commit();
  menu.replaceChildren(...items(at).map((item) => (item ? button(...item) : make("hr"))));
  menu.hidden = false;
  menu.style.left = `${Math.min(x, innerWidth - menu.offsetWidth - 6)}px`;
  menu.style.top = `${Math.min(y, innerHeight - menu.offsetHeight - 6)}px`;
  menu.querySelector("button").focus();
}

function button(label, choose) {
  const element = make("button", "", label);
  element.setAttribute("role", "menuitem");
  element.addEventListener("click", () => {
    close();
    choose();
  });
  return element;
}

function close() {
  menu.hidden = true;
  grid.focus({ preventScroll: true });
}

/** What of the grid an element stands for: {row, column}, or one of them. */
function placeOf(element) {
  const { row, column } = element.dataset, found = {};
  if (row !== undefined) found.row = Number(row);
  if (column !== undefined) found.column = Number(column);
  return found;
}

grid.addEventListener("contextmenu", async (event) => {
  // The keyboard's own key for menus points at the grid: then the selected cell is meant.
  const element = event.target === grid ? cellAt(selected) : event.target.closest("[data-row], [data-column]");
  if (!data || !element) return;
  event.preventDefault();
  const box = element.getBoundingClientRect(), isMouse = event.target !== grid;
  if (element.matches(".cell")) pick(...Object.values(placeOf(element)));
  if (element.matches(".cell")) await showValue();
  open(placeOf(element), isMouse ? event.clientX : box.left, isMouse ? event.clientY : box.bottom);
});
grid.addEventListener("click", (event) => {
  const element = event.target.closest(".number[data-row], .letter[data-column]:not(.gone)");
  if (!element) return;
  const box = element.getBoundingClientRect(), isRow = element.matches(".number");
  open(placeOf(element), isRow ? box.right : box.left, isRow ? box.top : box.bottom);
});
document.addEventListener("mousedown", (event) => !menu.hidden && !menu.contains(event.target) && close());
menu.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], all = [...menu.querySelectorAll("button")];
  if (step) all.at((all.indexOf(document.activeElement) + step) % all.length).focus();
  else if (event.key === "Escape" || event.key === "Tab") close();
  else return;
  event.preventDefault();
});

function writeNote() {
  const { row, column } = selected, dialog = $("note");
  $("words").value = whole?.note ?? "";
  dialog.returnValue = "";
  dialog.onclose = () => dialog.returnValue === "save" && act("note", { row, column, text: $("words").value });
  dialog.showModal();
}
