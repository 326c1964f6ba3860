// The fixed parts of the page, and how parts are made. Whatever people wrote goes in as text, never as markup.

export const $ = (id) => document.getElementById(id);
export const grid = $("grid"), head = $("head"), body = $("body");
export const base = `/spreadsheets/d/${document.body.dataset.book}`;

export function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

export function letters(column) {
  let name = "";
  for (let n = column + 1; n > 0; n = Math.floor((n - 1) / 26)) name = String.fromCharCode(65 + ((n - 1) % 26)) + name;
  return name;
}

export const cellAt = ({ row, column }) => $(`c${row}-${column}`);
