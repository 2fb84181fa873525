// The pretend Instagram: accounts, profile, feed, grid, stories.

import { post } from "./api.js";
import { $, el, icon, keep, say, toast } from "./dom.js";
import { ago, now, span, tick } from "./when.js";

const KIND_WORDS = { BUSINESS: "Business account", MEDIA_CREATOR: "Creator account", PERSONAL: "Personal account" };
const WORK_WORDS = { reel: "a reel", story: "a story", carousel: "a carousel", image: "a photo", child_image: "a photo", child_video: "a video" };

export class Insta {
  constructor() {
    this.state = null;
    this.chosen = localStorage.getItem("account");
    this.known = null;
    this.setView(localStorage.getItem("view") || "feed");
    $("view-feed").addEventListener("click", () => this.setView("feed"));
    $("view-grid").addEventListener("click", () => this.setView("grid"));
    $("lightbox").addEventListener("click", (event) => event.target === $("lightbox") && $("lightbox").close());
  }

  get account() {
    const { accounts, posts } = this.state;
    return (
      accounts.find((one) => one.username === this.chosen) ||
      accounts.find((one) => one.is_connected) ||
      accounts.find((one) => posts.some((each) => each.account === one.username)) ||
      accounts[0]
    );
  }

  show(state) {
    const isFirst = this.known === null;
    const fresh = isFirst ? [] : state.posts.filter((one) => !this.known.has(one.id));
    this.known = new Set(state.posts.map((one) => one.id));
    this.fresh = new Set(fresh.map((one) => one.id));
    this.state = state;
    if (fresh.length) {
      // Whatever just went out is what one wants to see.
      if (fresh[0].account !== this.account.username) this.chosen = fresh[0].account;
      say(`New on ${fresh[0].account}: ${fresh[0].caption || fresh[0].kind}`);
      this.onNews?.(fresh);
    }
    this.draw();
    if (fresh.some((one) => one.kind !== "story")) this.toPosts();
    if (isFirst) this.openAsked();
  }

  toPosts() {
    const views = document.querySelector(".views");
    $("gram-body").scrollTo({ top: $("posts").offsetTop - views.offsetHeight, behavior: "smooth" });
  }

  draw() {
    const { accounts, posts, working } = this.state;
    const account = this.account;
    keep($("people"), accounts.map((one) => ({ ...one, isShown: one.username === account.username })), (one) => one.username, (one) => this.face(one));
    const own = posts.filter((one) => one.account === account.username);
    const stories = own.filter((one) => one.kind === "story" && !one.is_over);
    const feed = own.filter((one) => one.kind !== "story");
    $("profile").replaceChildren(...this.profile(account, feed.length, stories));
    const busy = working.filter((one) => one.account === account.username && one.status === "IN_PROGRESS");
    $("working").hidden = !busy.length;
    $("working").textContent = busy.length ? `Instagram is processing ${WORK_WORDS[busy[0].kind]}…` : "";
    if (!feed.length) $("posts").replaceChildren(this.empty(account));
    else keep($("posts"), feed.map((one) => ({ ...one, view: this.view })), (one) => `${this.view}-${one.id}`, (one) => (this.view === "grid" ? this.tile(one) : this.card(one)));
    if (feed.length) for (const node of [...$("posts").children]) if (!node.dataset.key) node.remove();
    tick($("insta"));
  }

  setView(view) {
    this.view = view;
    localStorage.setItem("view", view);
    $("view-feed").setAttribute("aria-pressed", String(view === "feed"));
    $("view-grid").setAttribute("aria-pressed", String(view === "grid"));
    $("posts").className = `posts ${view}`;
    if (this.state) this.draw();
  }

  face(account) {
    const choose = () => {
      this.chosen = account.username;
      localStorage.setItem("account", account.username);
      this.draw();
      this.onChosen?.();
    };
    return el(
      "button.face",
      { type: "button", "aria-pressed": String(account.isShown), onclick: choose, title: `${account.username}, ${KIND_WORDS[account.account_type]}`, "data-focus": "face" },
      el("img", { src: account.avatar, alt: account.username, width: 30, height: 30 }),
      account.is_connected && el("span.linked", { title: "Connected", "aria-label": "connected" }),
    );
  }

  profile(account, count, stories) {
    const avatar = el("img", { src: account.avatar, alt: `Profile picture of ${account.name}`, width: 78, height: 78 });
    const ring = stories.length
      ? el("button.ring", { type: "button", onclick: () => this.openStory(stories), "aria-label": `Watch ${stories.length === 1 ? "the story" : `${stories.length} stories`}` }, avatar)
      : el("span.ring.none", {}, avatar);
    const figure = (number, words) => el("div", {}, el("b", {}, number.toLocaleString()), words);
    const link = account.is_connected
      ? el("p.link.on", {}, "Connected to Postcue", this.removeButton(account))
      : el("p.link", {}, "Not connected to Postcue");
    return [
      el("div.profile-top", {}, ring, el("div.figures", {}, figure(count, "posts"), figure(account.followers, "followers"))),
      el("h3", {}, account.username),
      el("p.bio", {}, el("b", {}, account.name), ` · ${KIND_WORDS[account.account_type]}`, el("br"), account.biography),
      link,
    ];
  }

  removeButton(account) {
    if (!this.state.settings.deauthorize_url) return null;
    const remove = async () => {
      await post(`instagram/accounts/${account.username}/deauthorize`).catch((error) => toast(error.message));
    };
    return el("button.quiet", { type: "button", onclick: remove, title: "As its owner does in Instagram's settings" }, "Remove access");
  }

  empty(account) {
    const words = account.account_type === "PERSONAL"
      ? "Apps cannot publish to personal accounts. Connect this one to see what Postcue says."
      : "Posts appear here the second they go out.";
    return el("div.empty-feed", {}, el("div.ghosts", { "aria-hidden": "true" }, el("i"), el("i"), el("i")), el("h3", {}, "Nothing published yet"), el("p", {}, words));
  }

  tile(one) {
    const mark = one.media.length > 1 ? icon("stack") : one.media[0].is_video ? icon("play") : null;
    const node = el("button.tile", { type: "button", onclick: () => this.open(one.id), "aria-label": `Open: ${altOf(one, 0)}` }, still(one), mark);
    node.classList.toggle("fresh", this.fresh.has(one.id));
    return node;
  }

  card(one) {
    const account = this.state.accounts.find((each) => each.username === one.account);
    const node = el(
      "article.post",
      { "aria-label": `Post by ${one.account}`, "data-post": one.id },
      el(
        "header",
        {},
        el("img", { src: account.avatar, alt: "", width: 32, height: 32 }),
        el("b", {}, one.account),
        one.kind === "reel" && el("span.kind", {}, "Reel"),
        el("button.icon-only", { type: "button", title: "Delete from Instagram", "aria-label": "Delete from Instagram", onclick: () => this.erase(one), "data-focus": "erase" }, icon("trash")),
      ),
      carousel(one),
      this.actions(one),
      one.caption && el("p.caption", { dir: "auto" }, el("b", {}, `${one.account} `), ...tagged(one.caption)),
      ...one.comments.map((words) => el("p.caption.comment", {}, el("b", {}, `${one.account} `), words)),
      el("p.when", {}, el("time", { "data-ago": Date.parse(one.published_at), dateTime: one.published_at, title: new Date(one.published_at).toLocaleString() }, ago(Date.parse(one.published_at)))),
    );
    node.classList.toggle("fresh", this.fresh.has(one.id));
    return node;
  }

  actions(one) {
    const like = () => post(`instagram/posts/${one.id}/like`);
    const described = one.media.some((item) => item.alt_text);
    const alt = el("p.alt", { hidden: true }, ...one.media.map((item, index) => el("span", {}, `${one.media.length > 1 ? `${index + 1}: ` : ""}${item.alt_text || "no alt text"}`)));
    const toggle = (event) => {
      alt.hidden = !alt.hidden;
      event.currentTarget.setAttribute("aria-expanded", String(!alt.hidden));
    };
    return el(
      "div.actions",
      {},
      el("button.heart", { type: "button", "aria-pressed": String(one.is_liked), "aria-label": one.is_liked ? "Unlike" : "Like", onclick: like, "data-focus": "heart" }, icon("heart")),
      el("span.likes", {}, one.likes === 1 ? "1 like" : `${one.likes} likes`),
      el("button.alt-toggle", { type: "button", "aria-expanded": "false", onclick: toggle, title: "Alt text", "data-focus": "alt" }, described ? "ALT" : "no ALT"),
      alt,
    );
  }

  async erase(one) {
    await post(`instagram/posts/${one.id}/delete`);
    $("lightbox").close();
    toast("Deleted from Instagram");
  }

  open(id) {
    const one = this.state.posts.find((each) => each.id === id);
    if (!one) return toast("That post is gone.");
    $("lightbox-post").replaceChildren(this.card(one));
    tick($("lightbox"));
    $("lightbox").showModal();
  }

  openStory(stories) {
    const [one] = stories;
    const left = 24 * 3600 - (now() - Date.parse(one.published_at)) / 1000;
    $("lightbox-post").replaceChildren(
      el("article.post.story", {}, el("header", {}, el("b", {}, one.account), el("span.kind", {}, `Story · ${span(left)} left`)), carousel(one)),
    );
    $("lightbox").showModal();
  }

  // A permalink leads here as /?post=…
  openAsked() {
    const asked = new URLSearchParams(location.search).get("post");
    if (!asked) return;
    history.replaceState(null, "", "/");
    const one = this.state.posts.find((each) => each.id === asked);
    if (one) {
      this.chosen = one.account;
      this.draw();
      this.onAsked?.();
      if (one.kind === "story") this.openStory([one]);
      else this.open(asked);
    }
  }
}

function altOf(one, index) {
  const item = one.media[index];
  if (item.alt_text) return item.alt_text;
  const what = item.is_video ? "Video" : "Photo";
  const caption = one.caption.split("\n")[0].slice(0, 80);
  return `${what} by ${one.account}${caption ? `: ${caption}` : ""}`;
}

function still(one) {
  const item = one.cover || one.media[0];
  if (one.cover || !item.is_video) return el("img", { src: item.url, alt: altOf(one, 0), loading: "lazy" });
  return el("video", { src: `${item.url}#t=0.1`, muted: true, preload: "metadata", "aria-label": altOf(one, 0) });
}

function carousel(one) {
  const slides = one.media.map((item, index) => {
    const view = item.is_video
      ? el("video", { src: item.url, controls: true, muted: true, loop: true, playsInline: true, preload: "metadata", poster: one.cover?.url, "aria-label": altOf(one, index) })
      : el("img", { src: item.url, alt: altOf(one, index), width: item.width, height: item.height });
    return el("div.slide", {}, view);
  });
  const track = el("div.track", { tabIndex: one.media.length > 1 ? 0 : -1, "aria-label": `${one.media.length} items` }, ...slides);
  const first = one.media[0];
  track.style.aspectRatio = `${first.width} / ${Math.min(first.height, first.width * (one.kind === "reel" || one.kind === "story" ? 1.78 : 1.25))}`;
  const frame = el("div.frame", {}, track);
  if (one.media.length === 1) return frame;
  const dots = one.media.map(() => el("i", {}));
  const count = el("span.counter", {}, `1/${one.media.length}`);
  const at = () => Math.round(track.scrollLeft / Math.max(1, track.clientWidth));
  const go = (step) => track.scrollTo({ left: (at() + step) * track.clientWidth, behavior: "smooth" });
  const previous = el("button.turn.back", { type: "button", "aria-label": "Previous", onclick: () => go(-1), hidden: true }, icon("left"));
  const next = el("button.turn.on", { type: "button", "aria-label": "Next", onclick: () => go(1) }, icon("right"));
  const mark = () => {
    const here = at();
    dots.forEach((dot, index) => dot.classList.toggle("here", index === here));
    count.textContent = `${here + 1}/${one.media.length}`;
    previous.hidden = here === 0;
    next.hidden = here === one.media.length - 1;
  };
  track.addEventListener("scroll", mark, { passive: true });
  dots[0].classList.add("here");
  frame.append(previous, next, count, el("p.dots", { "aria-hidden": "true" }, ...dots));
  return frame;
}

function tagged(caption) {
  return caption.split(/([#@][\p{L}\p{N}_.]+)/u).map((piece, index) => (index % 2 ? el("span.tag", {}, piece) : piece));
}
