// Quick exit: the page is blanked at once, then another one takes its place in the tab's history.
// The button, or the Shift key three times within two seconds (the GOV.UK exit-page pattern).

export default function ({ data, parentElement, setTriggerValue }) {
  let button = parentElement.querySelector("button");
  if (button) return button.cleanUp;
  const leave = () => {
    document.documentElement.style.display = "none";
    document.title = "";
    setTriggerValue("left", true);
    window.location.replace(data.address);
  };
  button = document.createElement("button");
  button.type = "button";
  button.textContent = data.label;
  button.title = data.hint;
  button.onclick = leave;
  parentElement.append(button);
  let presses = [];
  const onKey = (event) => {
    if (event.key !== "Shift" || event.repeat) return;
    presses = [...presses.filter((at) => Date.now() - at < 2000), Date.now()];
    if (presses.length >= 3) leave();
  };
  document.addEventListener("keyup", onKey);
  button.cleanUp = () => document.removeEventListener("keyup", onKey);
  return button.cleanUp;
}
