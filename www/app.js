import { announce } from "./announcer.js";
import { DurableCard } from "./durable-card.js";
import { PollForm } from "./form.js";
import { ManyCard } from "./many-card.js";
import { PollCard } from "./poll-card.js";
import { Source } from "./source.js";
import { UploadCard } from "./upload-card.js";
import { VisitorsCard } from "./visitors-card.js";
import { offerVisitors } from "./visitors-form.js";

const cards = document.getElementById("poll-cards");

function startPoll(poll) {
  const card = new PollCard(poll, {
    announce,
    focusField: (id) => form.focusField(id, poll.chosen.source),
    followExtraction: (batch) => startPoll({ ...poll, kind: "extraction", batch }),
    onRemove: () => remove(card),
  });
  show(card);
}

function startMany(many) {
  const card = new ManyCard(many, {
    announce,
    focusField: (id, kind) => form.focusField(fieldOfMany(id, kind), many.chosen.source),
    startPoll,
    startMany,
    onRemove: () => remove(card),
  });
  show(card);
}

/** The files' card gives way to that of the batch they become. */
function startUpload(upload) {
  const card = new UploadCard(upload, {
    announce,
    focusField: (id) => form.focusField({ "template-id": "upload-template" }[id] ?? id, upload.chosen.source),
    onUploaded: (batch) => {
      const { chosen, settings, kind, files } = upload;
      startPoll({ chosen, kind, batch, settings: { ...settings, expectedFiles: files.length } });
      remove(card);
    },
    onRemove: () => remove(card),
  });
  show(card);
}

/** `wanted` is a batch for the server to poll, or the id of one that it does. */
function startDurable(wanted) {
  const card = new DurableCard(wanted, {
    announce,
    followExtraction: (batch) => startDurable({ kind: "extraction", batch }),
    onRemove: () => remove(card),
  });
  show(card);
}

function startVisitors(count) {
  const card = new VisitorsCard(count, { announce, onRemove: () => remove(card) });
  show(card);
}

/** Where many batches are named, each kind has fields of its own. */
function fieldOfMany(id, kind) {
  return { "batch-id": `${kind}-batches`, "template-id": `${kind}-template` }[id] ?? id;
}

function show(card) {
  cards.prepend(card.node);
  showWhetherEmpty();
  card.start();
}

function remove(card) {
  card.node.remove();
  showWhetherEmpty();
  document.getElementById("polls").focus();
}

function showWhetherEmpty() {
  document.getElementById("no-polls").hidden = cards.childElementCount > 0;
}

const form = new PollForm(new Source(), { onStart: startPoll, onStartMany: startMany, onStartDurable: startDurable, onStartUpload: startUpload });
offerVisitors(startVisitors);
form.fillFrom(new URLSearchParams(location.search));
