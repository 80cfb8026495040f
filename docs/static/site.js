// What scrolls sideways can be reached and scrolled with the keyboard.
const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const element of document.querySelectorAll("pre, .table-wrapper, div.math")) observer.observe(element);

// Of the two sidebars, one says what it is.
document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
