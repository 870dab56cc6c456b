import { poll } from "./poll.js";

onmessage = (event) => {
  const [port] = event.ports;
  event.waitUntil(poll(...event.data).then((reported) => port.postMessage(reported), ({ message }) => port.postMessage({ error: message })));
};
