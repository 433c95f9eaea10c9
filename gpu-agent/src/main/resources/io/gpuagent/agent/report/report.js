for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const key = (row, i) => row.cells[i].textContent;
  [...table.tHead.rows[0].cells].forEach((heading, i) => {
    const number = [...body.rows].some(row => row.cells[i].classList.contains("n"));
    heading.classList.toggle("n", number);
    heading.tabIndex = 0;
    const sort = () => {
      const down = heading.ariaSort ? heading.ariaSort === "ascending" : number;
      const sign = down ? -1 : 1;
      const rows = [...body.rows].sort((a, b) => sign * (number
        ? (parseFloat(key(a, i)) || 0) - (parseFloat(key(b, i)) || 0)
        : key(a, i).localeCompare(key(b, i))));
      for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
      heading.ariaSort = down ? "descending" : "ascending";
      body.append(...rows);
    };
    heading.addEventListener("click", sort);
    heading.addEventListener("keydown", event => { if (event.key === "Enter") sort(); });
  });
}
