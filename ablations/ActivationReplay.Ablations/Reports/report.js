// Tables whose headings sort: a first press sorts upwards, a second downwards; cells without a value stay last.
'use strict';
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  const value = (row, column) => {
    const cell = row.cells[column];
    const key = cell.dataset.key;
    return key === undefined ? cell.textContent : key === '' ? null : Number(key);
  };
  const compare = (a, b) => typeof a === 'string' ? a.localeCompare(b, 'en', { numeric: true }) : a - b;
  heads.forEach((head, column) => head.querySelector('button').addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') === 'ascending';
    heads.forEach(other => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const rows = [...body.rows].sort((x, y) => {
      const a = value(x, column), b = value(y, column);
      return a === null || b === null ? (a === null) - (b === null) : down ? compare(b, a) : compare(a, b);
    });
    body.append(...rows);
  }));
}
