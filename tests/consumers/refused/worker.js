import { ExtractaClient, isExtractaError } from "extracta-wasm";

export default {
  fetch() {
    try {
      return Response.json(new ExtractaClient() instanceof ExtractaClient);
    } catch (error) {
      return Response.json([[isExtractaError(error, "UNSUPPORTED"), error.message]]);
    }
  },
};
