// What is the same on every page. Quick exit: the page is blanked at once, then another one takes its
// place in the tab's history; by the button, or by the Shift key three times within two seconds (the
// GOV.UK exit-page pattern). On a phone the sidebar goes out of the way when another page was chosen.

const PHONE_PX = 768; // below this Streamlit lays the sidebar over the page

let lastPlace; // outlives the button, which Streamlit makes anew on each page

function closeSidebarOnPhones(place) {
  const moved = lastPlace !== undefined && lastPlace !== place;
  lastPlace = place;
  if (moved && window.innerWidth < PHONE_PX) {
    document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
  }
}

function listenForShift(leave) {
  let presses = [];
  const onKey = (event) => {
    if (event.key !== "Shift") return;
    presses = [...presses.filter((at) => Date.now() - at < 2000), Date.now()];
    if (presses.length >= 3) leave();
  };
  document.addEventListener("keyup", onKey);
  return () => document.removeEventListener("keyup", onKey);
}

function build(data, setTriggerValue) {
  const leave = () => {
    document.documentElement.style.display = "none";
    document.title = "";
    setTriggerValue("left", true);
    window.location.replace(data.address);
  };
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = data.label;
  button.title = data.hint;
  button.onclick = leave;
  button.cleanUp = listenForShift(leave);
  return button;
}

export default function ({ data, parentElement, setTriggerValue }) {
  let button = parentElement.querySelector("button");
  if (!button) {
    button = build(data, setTriggerValue);
    parentElement.append(button);
  }
  closeSidebarOnPhones(data.place);
  return button.cleanUp;
}
