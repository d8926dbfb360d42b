// A page of a book as an image, with the cited passage marked. Texts enter as textContent only.

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function control(className, label, sign, act, off) {
  const button = make("button", className, sign);
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.title = label;
  button.disabled = Boolean(off);
  button.onclick = act;
  return button;
}

function drawHead(data, send) {
  const head = make("header");
  const about = make("div", "about");
  about.append(make("h2", "", data.title), make("p", "", data.about), make("p", "section", data.section));
  head.append(about, control("close", "Close the page", "✕", () => send("act", "close")));
  return head;
}

function drawSheet(data) {
  const sheet = make("figure", "sheet");
  sheet.style.aspectRatio = `${data.width} / ${data.height}`;
  const image = make("img");
  image.alt = data.alt;
  image.src = data.image;
  sheet.append(image);
  for (const mark of data.marks) {
    const box = make("div", mark.quoted ? "mark quoted" : "mark");
    const [x0, y0, x1, y1] = mark.box;
    box.style.left = `${(100 * x0) / data.width}%`;
    box.style.top = `${(100 * y0) / data.height}%`;
    box.style.width = `${(100 * (x1 - x0)) / data.width}%`;
    box.style.height = `${(100 * (y1 - y0)) / data.height}%`;
    sheet.append(box);
  }
  return sheet;
}

function drawFoot(data, send) {
  const foot = make("footer");
  foot.append(
    control("turn", "Page before", "‹", () => send("act", "back"), data.page <= 1),
    make("span", "", data.folio),
    control("turn", "Next page", "›", () => send("act", "forward"), data.page >= data.pages),
    control("turn", "Larger or smaller", "⌕", (event) => zoom(event.target.closest(".viewer"))),
  );
  if (data.away) {
    const home = make("button", "home", "Back to the marked passage");
    home.type = "button";
    home.onclick = () => send("act", "home");
    foot.append(home);
  }
  return foot;
}

function zoom(viewer) {
  viewer.classList.toggle("zoomed");
  showMark(viewer);
}

function showMark(viewer) {
  const mark = viewer.querySelector(".mark.quoted") ?? viewer.querySelector(".mark");
  const scroller = viewer.querySelector(".scroll");
  if (!mark || !scroller) return;
  const offset = mark.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  const aside = mark.getBoundingClientRect().left - scroller.getBoundingClientRect().left;
  scroller.scrollTo({
    top: scroller.scrollTop + offset - scroller.clientHeight * 0.3,
    left: scroller.scrollLeft + aside - 24,
  });
}

function focused() {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

export default function ({ data, parentElement, setTriggerValue }) {
  let viewer = parentElement.querySelector(".viewer");
  const isNew = !viewer;
  if (isNew) {
    viewer = make("section", "viewer");
    viewer.setAttribute("aria-label", "Page of the book");
    viewer.cameFrom = focused();
    parentElement.append(viewer);
    viewer.onKey = (event) => event.key === "Escape" && setTriggerValue("act", "close");
    document.addEventListener("keydown", viewer.onKey);
  }
  const scroll = make("div", "scroll");
  scroll.tabIndex = 0;
  scroll.append(data.problem ? make("p", "problem", data.problem) : drawSheet(data));
  viewer.replaceChildren(drawHead(data, setTriggerValue), scroll, drawFoot(data, setTriggerValue));
  requestAnimationFrame(() => showMark(viewer));
  if (isNew) viewer.querySelector(".close").focus({ preventScroll: true });
  return () => {
    document.removeEventListener("keydown", viewer.onKey);
    viewer.cameFrom?.focus?.({ preventScroll: true });
  };
}
