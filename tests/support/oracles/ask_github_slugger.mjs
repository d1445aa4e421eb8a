// Which anchors the headings of each page on standard input get: see github_anchors in mintlify_ids.py.
import { text } from 'node:stream/consumers';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const { default: Slugger } = await import(pathToFileURL(path.join(process.argv[2], 'github-slugger', 'index.js')));

const answers = JSON.parse(await text(process.stdin)).map((headings) => {
  const slugger = new Slugger();
  return headings.map((heading) => slugger.slug(heading));
});
console.log(JSON.stringify(answers));
