// Files dropped on the page go up once, and their fields are shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expect } from "../../xtask/expect.mjs";
import { card, demoUrl, inState, withDemo } from "./browser.mjs";

const HEBREW = 'חשבונית "מס׳ 7".pdf';

const file = (name, size = 2_000) => ({ name, mimeType: "application/pdf", buffer: Buffer.alloc(size, "x") });

async function choose(page, template = "demo-extraction") {
  await page.getByTestId("how-many-files").check();
  await page.getByTestId("upload-template").fill(template);
}

/** The uploads of the page, as the stand-in saw them: none yet, if it made no request. Its token is that of its requests. */
async function uploadsOf(requests) {
  const tokenLabel = (await requests())[0]?.tokenLabel;
  if (tokenLabel === undefined) return [];
  const uploads = await (await fetch(demoUrl("_standin/uploads"))).json();
  return uploads.filter((upload) => upload.tokenLabel === tokenLabel);
}

test("chosen files are uploaded once, and then their fields are shown", async () => {
  await withDemo("", async (page, requests) => {
    await choose(page);
    await page.getByTestId("upload-files").setInputFiles([file("invoice.pdf"), file(HEBREW)]);
    await expect(page.getByTestId("upload-list")).toHaveText(`2 files, 4 KB: \u2068invoice.pdf\u2069, \u2068${HEBREW}\u2069`);
    await page.getByTestId("start").click();
    await inState(page, "done");
    const rows = card(page).getByTestId("file-row");
    await expect(rows).toHaveCount(2);
    await expect(rows.nth(1)).toContainText(HEBREW);
    await expect(rows.nth(1)).toContainText("25.50");
    await expect(page.getByTestId("upload-card")).toHaveCount(0);
    const uploads = await uploadsOf(requests);
    assert.deepEqual(uploads.map(({ files }) => files.map(({ fileName }) => fileName)), [["invoice.pdf", HEBREW]]);
  });
});

test("files that are dropped are those to upload", async () => {
  await withDemo("", async (page, requests) => {
    await choose(page);
    await page.getByTestId("upload-kind-classification").check();
    await expect(page.getByTestId("upload-template")).toHaveValue("demo-classification");
    const dropped = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["text"], "resume.pdf"));
      return transfer;
    });
    await page.getByTestId("drop-zone").dispatchEvent("drop", { dataTransfer: dropped });
    await expect(page.getByTestId("upload-list")).toHaveText("1 file, 4 bytes: \u2068resume.pdf\u2069");
    await page.getByTestId("start").click();
    await inState(page, "done");
    await expect(card(page).getByTestId("file-row")).toContainText("resume");
    assert.equal((await uploadsOf(requests)).length, 1);
  });
});

test("an upload that may have arrived is not offered again, and one that was refused is", async () => {
  await withDemo("", async (page, requests) => {
    const failed = page.locator('[data-testid="upload-card"][data-state="error"]').first();
    await choose(page, "upload-http-503");
    await page.getByTestId("upload-files").setInputFiles([file("a.pdf")]);
    await page.getByTestId("start").click();
    await expect(failed).toContainText("may have arrived, and may be billed");
    await expect(failed.getByTestId("poll-again")).toHaveCount(0);
    assert.equal((await uploadsOf(requests)).length, 1);

    await choose(page, "upload-http-413");
    await page.getByTestId("start").click();
    await expect(failed.getByTestId("poll-error")).toContainText("Nothing arrived");
    await failed.getByTestId("poll-again").click();
    await expect.poll(async () => (await uploadsOf(requests)).length).toBe(3);
    await expect(failed.getByTestId("poll-error")).toHaveAttribute("data-code", "BAD_REQUEST");
  });
});

test("a running upload can be cancelled, and an odd name is said to be one", async () => {
  await withDemo("", async (page, requests) => {
    await choose(page, "upload-never");
    await page.getByTestId("upload-files").setInputFiles([file("photo.heic")]);
    await page.getByTestId("start").click();
    const upload = page.getByTestId("upload-card");
    await expect(upload.getByTestId("poll-note")).toContainText("photo.heic");
    await expect.poll(async () => (await uploadsOf(requests)).length).toBe(1);
    await upload.getByTestId("poll-cancel").click();
    await expect(upload).toHaveAttribute("data-state", "cancelled");
  });
});
