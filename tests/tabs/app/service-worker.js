import { poll } from "./poll.js";

onmessage = (event) => {
  const [port] = event.ports;
  event.waitUntil(poll(...event.data).then((told) => port.postMessage(told), ({ message }) => port.postMessage({ error: message })));
};
