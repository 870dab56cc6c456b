import { announce } from "./announcer.js";
import { PollForm } from "./form.js";
import { PollCard } from "./poll-card.js";
import { Source } from "./source.js";

const cards = document.getElementById("poll-cards");

function startPoll(poll) {
  const card = new PollCard(poll, {
    announce,
    focusField: (id) => form.focusField(id, poll.chosen.source),
    followExtraction: (batch) => startPoll({ ...poll, kind: "extraction", batch }),
    onRemove: () => {
      card.node.remove();
      showWhetherEmpty();
      document.getElementById("polls").focus();
    },
  });
  cards.prepend(card.node);
  showWhetherEmpty();
  card.start();
}

function showWhetherEmpty() {
  document.getElementById("no-polls").hidden = cards.childElementCount > 0;
}

const form = new PollForm(new Source(), startPoll);
form.fillFrom(new URLSearchParams(location.search));
