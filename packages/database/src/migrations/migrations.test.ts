import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { migrations } from "./index.ts";

// Databases keep these: a site refuses to start on one whose step has another checksum.
const CHECKSUMS = {
  "0001_papers": "46861bf1c1af0168ea576897ebc25dbe9d63c6811ae0add9f1d51f192ea0ee58",
  "0002_reading": "9a4d6558e10b759f11a9c92696cdfd12c17f5773334c65b64d9ee641d259cd9a",
  "0004_search": "e6d57e21e271d4e757068aa98d5f815b221fee3836917e63f9f0435ec557d99f",
  "0008_model_parts": "bc7553d35822a29d906be8361fb48b8cb6857b9361b49579e47e761829a83ea2",
  "0010_search_speed": "1d5d60143bcd6f0d4aa1059360fc1b02ff046b0d228b04551aeee6340d66fd8f",
  "0011_spelling": "a1cf554efa0bff2ba0d3410fe5f654524dfc09e829711289812fbd0cec7b7ef9",
  "0012_measurements": "ba9c8666cbdec60d190c3c3753a3e26706b071d6e2d652bf3425450482036c28",
  "0013_topics": "3184b4ac11676f882950b543c7687223b61d1e56f6789b9611bafa5ef0466adc",
  "0014_content_versions": "5ef8c1b0d382e4784ff091bb669312d7332000cda4323370df860213285c1a8e",
  "0015_accounts": "d7da9fd6afb4736365b82ce0dc6c81ca4a0aaacc43bf4fdaac90e69bf4c3023d",
  "0016_ingestion": "59130357f74f281624168c31cb94c6882f45d8508b13cdb7d77bc1090fcdc914",
  "0017_moderation": "ac3bbc085892357eabed42d120d8590b54dc5e0db7d6c1010e6ca0516f7248d0",
  "0018_reports": "ad34f5a46c378eaf8aef82696e79ad752d721342cdfd7a6fce59c3c5fa4c86e2",
  "0019_votes": "ba66b3380c5ef90f2a64ba615c1fd7cf7f92e8c71141487fcc055888300b9072",
  "0020_reading_marks": "582ca3e6aa6acde392563a069b4815206a108cab1958f347f627cb1242492bae",
  "0021_measurement_imports": "7c6df3a92793e35c0038140df68974dc02ef2a931d6a7769ac670aba74973441",
  "0022_submissions": "e6b9995981360c253821e2a5f350f5c1195147bf084b58d0ed06caa032f96a79",
  "0023_subscriptions": "26c27180338ad89b59dc735434c72324fcdbebcbb6f05007c8f68953e71d1750",
  "0024_vote_functions": "7d1f3b9841c48b46b1478790021d73c4ba7cc2951d74977ab32abdf83bb76ff8",
  "0025_incoming_mail": "ce69ec3cc6b1118241ee5c49b1712a0afa44a96dfa4e01037e5f74b093659a21",
  "0026_arrivals": "7c07f30391cee9cd440b9b0f0ad9b8211cf542776156f2cf89da8bec3e1c7677",
  "0027_vote_windows": "4687fc97e59dd0827d1c569a67cc620fbc66a65149f52d0ea2823c7fbe8d1446",
  "0028_report_judges": "e029fa1802dd7a2a9264c7dc9fa6e48869c9468b2da026abe3f99b47eadf57b1",
  "0029_topic_index": "acaeff3fabf2251360e70df017b48d9fe7e36b7b1787569deb0ac41ac280531e",
  "0030_vote_locks": "9a0e2499055eefccd7660eeff2d1a8c83dd1ca4bdbb7fb4119ed50c8363574e6",
  "0031_digest_history": "d098c0663b955d27e7f371d7ac64c265e93bdb16094b5a99673e2ff400f0d7ff",
  "0032_renderings": "971b6f159f97e894dbf4526cf0a65fbde97bd738078a1c65d4e0819a635c3508",
  "0033_address_changes": "2686c7a74f396b8c6f560b53803081c1e21c7f790ef66fac3c842f9593acfe9c",
  "0034_withdrawn_reports": "28ece296d59ed97a45f10c6669ec6727b938e739efaed507ad62f897e2558781",
};

test("the text of a step never changes once a database may have had it", () => {
  const sums = migrations.map(({ version, text }) => [
    version,
    createHash("sha256").update(text).digest("hex"),
  ]);
  expect(Object.fromEntries(sums)).toEqual(CHECKSUMS);
});

test("steps are in order, and every file is one of them", () => {
  const versions = migrations.map(({ version }) => version);
  expect(versions).toEqual([...versions].sort());
  const files = readdirSync(import.meta.dirname).filter((name) => /^\d/.test(name));
  expect(files.sort()).toEqual(versions.map((version) => `${version.replaceAll("_", "-")}.ts`));
});
