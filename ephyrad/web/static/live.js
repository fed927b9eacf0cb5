// SPDX-License-Identifier: Apache-2.0
// Keeps the page as the daemon has it: asks for it again, and swaps what changed. Without it the page
// is as complete, and as old as when it was loaded.
"use strict";
(() => {
  const PAUSE = 3000;
  const LONGEST = 60000;
  const PATIENCE = 20000;
  // What the daemon last sent of each part: what the keyboard did to it since is no change of its.
  const known = new Map([...document.querySelectorAll("[data-live]")].map((part) => [part.id, part.outerHTML]));
  const pulse = document.getElementById("pulse");
  let tag = document.documentElement.dataset.tag;
  let pause = PAUSE;
  let timer = 0;

  function say(words, well) {
    if (pulse.textContent !== words) pulse.textContent = words;
    pulse.classList.toggle("lost", !well);
  }

  function isBusy(part) {
    const at = document.activeElement;
    return part.contains(at) && at.matches("input:not([type=hidden])");
  }

  function swap(part, fresh) {
    const at = part.contains(document.activeElement) ? document.activeElement : null;
    const open = [...part.querySelectorAll("details[open]")].map((each) => each.id);
    const typed = [...part.querySelectorAll("input:not([type=hidden])")].map((each) => [each.id, each.value]);
    const scrolled = [...part.querySelectorAll(".wide")].map((each) => each.scrollLeft);
    const made = document.importNode(fresh, true);
    part.replaceWith(made);
    for (const id of open) made.querySelector("#" + CSS.escape(id))?.setAttribute("open", "");
    for (const [id, value] of typed) {
      const input = made.querySelector("#" + CSS.escape(id));
      if (input) input.value = value;
    }
    made.querySelectorAll(".wide").forEach((each, number) => { each.scrollLeft = scrolled[number] || 0; });
    if (at) refocus(made, at);
  }

  function refocus(made, at) {
    const href = at.getAttribute("href");
    const same = at.id ? made.querySelector("#" + CSS.escape(at.id))
      : href ? made.querySelector(`a[href="${CSS.escape(href)}"]`) : null;
    const next = same || made.closest("section") || made;
    if (!same) next.setAttribute("tabindex", "-1");
    if (next.matches("a.m")) next.setAttribute("tabindex", "0");
    next.focus({ preventScroll: true });
  }

  function show(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    let whole = true;
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(part.id);
      if (!other || other.outerHTML === known.get(part.id)) continue;
      if (isBusy(part)) { whole = false; continue; }
      known.set(part.id, other.outerHTML);
      swap(part, other);
    }
    document.title = fresh.title;
    rove();
    return whole;
  }

  async function look() {
    try {
      const headers = { "If-None-Match": tag };
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await fetch(location.href, { headers, signal, cache: "no-store", credentials: "same-origin" });
      if (answer.status === 200) {
        const whole = show(await answer.text());
        if (whole) tag = answer.headers.get("ETag");
      } else if (answer.status !== 304) {
        throw new Error(`ephyrad answers ${answer.status}`);
      }
      pause = PAUSE;
      say("live", true);
    } catch (error) {
      pause = Math.min(pause * 2, LONGEST);
      const why = String(error.message).startsWith("ephyrad") ? error.message : "ephyrad does not answer";
      say(`not live: ${why}`, false);
    }
    later();
  }

  function later() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(look, pause);
  }

  // One mark of all can be reached by Tab; the arrow keys move on from it.
  function rove() {
    const fleet = document.getElementById("fleet");
    if (fleet && !fleet.querySelector("a.m[tabindex='0']")) {
      fleet.querySelector("a.m")?.setAttribute("tabindex", "0");
    }
  }

  function move(event) {
    const at = event.target;
    if (!at.matches?.("#fleet a.m") || event.altKey || event.ctrlKey || event.metaKey) return;
    const marks = [...document.querySelectorAll("#fleet a.m")];
    const here = marks.indexOf(at);
    const there = {
      ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: marks.length - 1,
      ArrowDown: below(marks, here, 1), ArrowUp: below(marks, here, -1),
    }[event.key];
    if (there === undefined) return;
    event.preventDefault();
    if (!marks[there]) return;
    at.setAttribute("tabindex", "-1");
    marks[there].setAttribute("tabindex", "0");
    marks[there].focus();
  }

  function below(marks, here, way) {
    const box = marks[here].getBoundingClientRect();
    for (let at = here + way; marks[at]; at += way) {
      const other = marks[at].getBoundingClientRect();
      if (way * (other.top - box.top) > 4 && Math.abs(other.left - box.left) < box.width) return at;
    }
    return here;
  }

  document.addEventListener("keydown", move);
  document.addEventListener("visibilitychange", () => { if (document.hidden) clearTimeout(timer); else look(); });
  rove();
  if (document.querySelector("[data-live]")) { say("live", true); later(); }
})();
