// Which ids Mintlify gives each of the pages on standard input: see mintlify_ids.py.
import { text } from 'node:stream/consumers';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = process.argv[2];
const common = path.join(modules, '@mintlify', 'common');
const load = (...parts) => import(pathToFileURL(path.join(...parts)));
const mint = await load(common, 'dist', 'index.js');
const { remarkParseTitleMarkdown } = await load(common, 'dist/mdx/plugins/remark/remarkTitleMarkdown.js');
const { COMPONENTS_WITHOUT_ID, COMPONENTS_WITH_CLEANED_ID } = await load(common, 'dist/mdx/componentIds.js');
const { remarkMarkAndUnravel } = await load(modules, '@mdx-js/mdx/lib/plugin/remark-mark-and-unravel.js');
const { visit } = await import(
  pathToFileURL(createRequire(path.join(common, 'package.json')).resolve('unist-util-visit'))
);

function shownIds(tree) {
  const ids = new Set();
  visit(tree, ['mdxJsxFlowElement', 'mdxJsxTextElement'], (node) => {
    if (COMPONENTS_WITHOUT_ID.has(node.name)) return;
    for (const { name, value } of node.attributes) {
      if (name === 'id' && typeof value === 'string' && value) {
        ids.add(COMPONENTS_WITH_CLEANED_ID.has(node.name) ? mint.safeCleanHeadingId(value) : value);
      }
    }
  });
  return [...ids].filter(Boolean).sort();
}

async function idsOf(page) {
  const metadata = mint.parseFrontmatter(page).attributes;
  const processor = mint.coreRemark()
    .use(remarkMarkAndUnravel)
    .use(remarkParseTitleMarkdown)
    .use(mint.remarkComponentIds, metadata)
    .use(mint.remarkUnwrapJsxHeadings)
    .use(mint.remarkUnwrapInlineJsx)
    .use(mint.remarkExtractTableOfContents, {}, metadata)
    .use(mint.rehypeParamFieldIds);
  return shownIds(await processor.run(mint.getAST(page, 'page.mdx')));
}

const answers = [];
for (const page of JSON.parse(await text(process.stdin))) {
  answers.push(await idsOf(page).catch(() => null)); // a page that is no MDX has no ids
}
console.log(JSON.stringify(answers));
