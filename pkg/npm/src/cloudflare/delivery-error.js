// Why a delivery failed, in words that may be stored and shown. Of any other error it only says that there was one, as its
// message might quote a document.
export class DeliveryError extends Error {
  static name = "DeliveryError";

  // `final`: trying again would change nothing.
  constructor(message, { final = false } = {}) {
    super(message);
    this.name = "DeliveryError";
    this.final = final;
  }
}
