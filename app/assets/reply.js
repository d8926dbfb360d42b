// One turn of the conversation: question, banner, verified sentences with their [n], sources, actions.
// Whatever a person, a model or a book wrote enters the page as textContent and in no other way.

const ICONS = {
  copy: "M9 9h10v11H9zM5 15V4h10",
  again: "M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5",
  up: "M7 11v9H4v-9zM7 11l4-8c1.700 0 2.500 1.200 2.200 2.800L12.500 9H19c1 0 1.800 1 1.500 2l-2 8c-.2.600-.8 1-1.500 1H7",
  down: "M17 13V4h3v9zM17 13l-4 8c-1.700 0-2.500-1.200-2.200-2.800L11.500 15H5c-1 0-1.800-1-1.500-2l2-8c.2-.600.8-1 1.500-1H17",
  stop: "M7 7h10v10H7z",
  page: "M6 3h9l4 4v14H6zM9 12h7M9 16h7",
  phone: "M6 3h4l1.500 5-2.500 1.500a12 12 0 0 0 5.500 5.500L16 12.500l5 1.500v4c0 1.500-1 2.500-2.500 2.500C10 20.500 3.500 14 3.500 5.500 3.500 4 4.500 3 6 3z",
};

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function action(name, label, act, pressed) {
  const button = make("button", `action ${name}`);
  button.type = "button";
  button.title = label;
  button.setAttribute("aria-label", label);
  if (pressed !== undefined) button.setAttribute("aria-pressed", String(pressed));
  button.append(icon(name));
  button.onclick = () => act(button);
  return button;
}

function build(parent) {
  const turn = make("article", "turn");
  turn.parts = {};
  const add = (name, tag) => {
    const part = make(tag, name);
    turn.parts[name] = part;
    turn.append(part);
    return part;
  };
  add("asked", "div").dir = "auto";
  add("banner", "section").hidden = true;
  add("opening", "section").hidden = true;
  add("heading", "header");
  const said = add("said", "div");
  said.setAttribute("aria-live", "polite");
  said.setAttribute("aria-relevant", "additions");
  add("nearest", "div");
  add("sources", "section");
  add("actions", "footer");
  parent.append(turn);
  return turn;
}

function callLink(className, number, label) {
  const link = make("a", className);
  link.href = `tel:${number.replace(/[^0-9+*#]/g, "")}`;
  link.append(icon("phone"), make("span", "", label));
  return link;
}

// The gentle first words where a subject is heavy, and whom she can call.
function showOpening(part, opening) {
  part.hidden = !opening;
  const shown = JSON.stringify(opening);
  if (!opening || part.dataset.shown === shown) return;
  part.dataset.shown = shown;
  part.replaceChildren();
  if (opening.text) part.append(make("p", "gentle", opening.text));
  if (opening.line) {
    const line = make("p", "line");
    line.append(make("span", "", opening.lead_in), callLink("help", opening.number, opening.line));
    part.append(line);
  }
  if (opening.note) part.append(make("p", "note", opening.note));
}

function showBanner(part, banner) {
  part.hidden = !banner;
  const shown = JSON.stringify(banner);
  if (!banner || part.dataset.shown === shown) return;
  part.dataset.shown = shown;
  part.replaceChildren();
  part.className = `banner ${banner.level}`;
  part.setAttribute("role", "alert");
  part.append(make("h2", "", banner.title));
  const list = make(banner.advice.length > 1 ? "ul" : "div", "advice");
  const item = banner.advice.length > 1 ? "li" : "p";
  for (const line of banner.advice) list.append(make(item, "", line));
  part.append(list);
  if (banner.call) {
    const calls = make("div", "calls");
    for (const call of [banner.call, ...banner.lines]) calls.append(callLink("call", call.number, call.label));
    part.append(calls);
  }
  for (const note of banner.notes) part.append(make("p", "note", note));
  if (banner.sources) part.append(make("p", "note sources", banner.sources));
}

function showSentences(part, data, open) {
  data.sentences.slice(part.childElementCount).forEach((sentence) => {
    const line = make(sentence.quoted ? "blockquote" : "span", "sentence");
    line.dir = "auto";
    if (sentence.book) line.append(make("cite", "", sentence.book));
    line.append(make("span", "", sentence.text));
    for (const mark of sentence.marks) {
      const chip = make("button", "chip", String(mark.n));
      chip.type = "button";
      chip.setAttribute("aria-label", `Open source ${mark.n}: ${mark.label}`);
      chip.title = mark.label;
      chip.onclick = () => open(mark.at);
      line.append("\u00a0", chip);
    }
    line.append(" ");
    part.append(line);
  });
}

function showHeading(part, data) {
  part.replaceChildren();
  if (data.running) {
    const wait = make("div", "waiting");
    wait.setAttribute("role", "status");
    wait.append(make("span", "pulse"), make("span", "", data.waiting));
    part.append(wait);
  } else if (data.heading) {
    part.append(make("span", `badge ${data.heading.kind}`, data.heading.title));
    if (data.heading.note) part.append(make("span", "note", data.heading.note));
  }
}

function showNearest(part, nearest) {
  part.replaceChildren();
  if (!nearest.length) return;
  part.append(make("h3", "", "What my books do cover, nearest to your question"));
  const list = make("ul");
  for (const title of nearest) list.append(make("li", "", title));
  part.append(list);
}

function showSources(part, sources, open) {
  if (part.childElementCount === sources.length + (sources.length ? 1 : 0)) return;
  part.replaceChildren();
  if (!sources.length) return;
  part.append(make("h3", "", sources.length > 1 ? "The pages" : "The page"));
  for (const source of sources) {
    const card = make("button", "source");
    card.type = "button";
    card.onclick = () => open(source.at);
    const text = make("span", "about");
    text.append(make("b", "", source.title), make("span", "", source.where));
    if (source.about) text.append(make("small", "", source.about));
    card.append(make("span", "number", String(source.n)), text, icon("page"));
    part.append(card);
  }
}

async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", "offscreen", text);
    button.after(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.classList.add("done");
  button.setAttribute("aria-label", "Copied");
  setTimeout(() => button.classList.remove("done"), 1600);
}

function showActions(part, data, send) {
  part.replaceChildren();
  if (data.running) {
    const stop = make("button", "stop");
    stop.type = "button";
    stop.append(icon("stop"), make("span", "", "Stop"));
    stop.onclick = () => send("act", "stop");
    part.append(stop);
    return;
  }
  part.append(action("copy", "Copy this answer", (button) => copyText(data.copy, button)));
  if (data.last) part.append(action("again", "Answer again", () => send("act", "again")));
  if (!data.rateable) return;
  part.append(action("up", "This helped", () => send("rate", "up"), data.thumb === "up"));
  part.append(action("down", "This did not help", () => send("rate", "down"), data.thumb === "down"));
}

// Streamlit scrolls to the end of what is new. Here the beginning counts: the banner stands there.
// So the question is kept at the top of the window until the person scrolls, or the reply has ended.
function beginAtTop(turn) {
  const events = ["wheel", "touchmove", "keydown", "pointerdown"];
  const letGo = () => {
    turn.keepAtTop = undefined;
    for (const name of events) document.removeEventListener(name, letGo, true);
  };
  for (const name of events) document.addEventListener(name, letGo, { capture: true, passive: true });
  const scroll = () => turn.keepAtTop && turn.scrollIntoView({ block: "start" });
  turn.keepAtTop = () => {
    for (const wait of [0, 120, 400, 900]) setTimeout(scroll, wait);
    if (turn.dataset.state !== "running") setTimeout(letGo, 1000);
  };
}

export default function ({ data, parentElement, setTriggerValue }) {
  let turn = parentElement.querySelector(".turn");
  if (turn && turn.dataset.id !== data.id) {
    turn.remove();
    turn = null;
  }
  turn ??= build(parentElement);
  const isNew = turn.dataset.id !== data.id;
  turn.dataset.id = data.id;
  turn.dataset.state = data.state;
  const { parts } = turn;
  const open = (at) => setTriggerValue("cite", at);
  parts.asked.textContent = data.question;
  showBanner(parts.banner, data.banner);
  showOpening(parts.opening, data.opening);
  const danger = data.banner?.level === "emergency"; // then what to do stands before kind words
  parts.banner[danger ? "after" : "before"](parts.opening);
  showHeading(parts.heading, data);
  showSentences(parts.said, data, open);
  showNearest(parts.nearest, data.nearest);
  showSources(parts.sources, data.sources, open);
  showActions(parts.actions, data, setTriggerValue);
  if (isNew && data.running) beginAtTop(turn);
  turn.keepAtTop?.();
}
