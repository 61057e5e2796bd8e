// Reads ROOT files with jsroot and tells what is in them: the second, independent reader of the tests.
//
// Usage: node jsroot.mjs DIRECTORY-OF-JSROOT, then one request per line on standard input, one reply per line:
//   {"path": "/tmp/a.root", "cuts": {"tree": [3, 5]}}
// gives
//   {"path", "classes": {"dir/name": "TH1F"}, "objects": {"dir/name": {members}},
//    "tables": {"dir/tree": {"entries": n, "columns": {"branch/sub": {"values": [...]} or {"error": "..."}}}}}
// or {"path", "error"}. With "cuts" (numbers of entries) a column has no values but "digests": one sha256 per cut
// of the values in it, so that large tables are compared without passing them on. Numbers that JSON has not (NaN,
// infinities, integers of 64 bits that a double cannot hold) are strings.

import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { closeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const modules = pathToFileURL(`${process.argv[2]}/node_modules/`).href,
      jsroot = `${modules}jsroot/modules/`,
      { ZstdInit } = await import(`${modules}@oneidentity/zstd-js/index.mjs`),
      { internals } = await import(`${jsroot}core.mjs`),
      { openFile, R__unzip } = await import(`${jsroot}io.mjs`),
      { TSelector, treeProcess } = await import(`${jsroot}tree.mjs`),
      { rntupleProcess, readHeaderFooter } = await import(`${jsroot}rntuple.mjs`),
      TREES = ['TTree', 'TNtuple', 'TNtupleD', 'TChain'],
      said = []; // what jsroot complains of instead of failing

for (const word of ['log', 'warn', 'error', 'info'])
   console[word] = (...words) => said.push(words.join(' '));

function plain(value) {
   if ((value === null) || (value === undefined) || (typeof value === 'function'))
      return null;
   if (typeof value === 'bigint')
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
   if (typeof value === 'number')
      return Number.isFinite(value) ? value : String(value);
   if (typeof value !== 'object')
      return value;
   if (ArrayBuffer.isView(value) || Array.isArray(value))
      return Array.from(value, plain);
   const members = {};
   for (const name of Object.keys(value)) {
      if (!name.startsWith('$') && (typeof value[name] !== 'function'))
         members[name] = plain(value[name]);
   }
   return members;
}

class Column extends TSelector {

   constructor(cuts) {
      super();
      this.cuts = cuts;
      this.values = [];
      this.digests = [];
      this.count = 0;
      this.hash = null;
      this.empty();
   }

   empty() { // parts without entries
      while (this.cuts && !this.hash && (this.digests.length < this.cuts.length)) {
         this.hash = createHash('sha256');
         if (this.cuts[this.digests.length] === 0)
            this.end();
      }
   }

   end() {
      this.digests.push(this.hash.digest('hex'));
      this.hash = null;
      this.count = 0;
   }

   Process() {
      const value = plain(this.tgtobj.value);
      if (!this.cuts)
         return this.values.push(value);
      if (!this.hash)
         throw new Error('more entries than expected');
      this.hash.update(JSON.stringify(value) + '\n');
      if (++this.count === this.cuts[this.digests.length]) {
         this.end();
         this.empty();
      }
   }

   told() { return this.cuts ? { digests: this.digests } : { values: this.values }; }

}

// jsroot also throws where nobody can catch it, in answers of the file system; its decoder of zstd would end the
// process then
let thrown = () => {};
internals._ZstdStream = (await ZstdInit()).ZstdStream;
for (const kind of ['uncaughtException', 'unhandledRejection']) {
   process.removeAllListeners(kind);
   process.on(kind, error => thrown(error));
}

function caught(promise) {
   return Promise.race([promise, new Promise((_, reject) => { thrown = reject; })]);
}

async function column(cuts, read) {
   const selector = new Column(cuts);
   said.length = 0;
   try {
      await caught(read(selector));
   } catch (error) {
      return { error: String(error?.message ?? error) };
   }
   return said.length ? { error: said.join('; ') } : selector.told();
}

async function treeTable(tree, cuts) {
   const columns = {};
   async function walk(branches, prefix) {
      for (const branch of branches) {
         const name = prefix + branch.fName, subs = branch.fBranches?.arr ?? [];
         if (tree.fEntries && (!prefix || !subs.length)) {
            columns[name] = await column(cuts, selector => {
               selector.addBranch(branch, 'value', Boolean(prefix));
               return treeProcess(tree, selector, {});
            });
         }
         await walk(subs, `${name}/`);
      }
   }
   await walk(tree.fBranches.arr, '');
   return { entries: tree.fEntries, columns };
}

// jsroot 7.11 reads the first group of clusters only: the others are read here with its own parser
async function allGroups(tuple) {
   const builder = await readHeaderFooter(tuple),
         summaries = [], locations = [];
   for (const { pageListLocator, pageListLength } of builder.clusterGroups) {
      const size = Number(pageListLocator.size),
            raw = await tuple.$file.readBuffer([Number(pageListLocator.offset), size]);
      builder.deserializePageList(size === Number(pageListLength) ? raw : await R__unzip(raw, Number(pageListLength)));
      summaries.push(...builder.clusterSummaries);
      locations.push(...builder.pageLocations);
   }
   builder.clusterSummaries = summaries;
   builder.pageLocations = locations;
   return builder;
}

// jsroot 7.11 starts anew in every cluster with the lengths of outermost collections, not with those inside: so it
// is asked for one cluster at a time
async function byCluster(tuple, builder, selector) {
   let firstentry = 0;
   for (const { numEntries } of builder.clusterSummaries) {
      if (numEntries)
         await rntupleProcess(tuple, selector, { firstentry, numentries: numEntries });
      firstentry += numEntries;
   }
}

async function tupleTable(tuple, file, cuts) {
   tuple.$file = file;
   const columns = {};
   let builder;
   try {
      builder = await caught(allGroups(tuple));
   } catch (error) {
      if (String(error?.message).startsWith('No valid cluster group')) // jsroot's word for a tuple without entries
         return { entries: 0, columns };
      throw error;
   }
   const entries = builder.clusterSummaries.reduce((sum, cluster) => sum + cluster.numEntries, 0);
   for (const [number, field] of builder.fieldDescriptors.entries()) {
      if ((field.parentFieldId === number) && entries) {
         columns[field.fieldName] = await column(cuts, selector => {
            selector.addBranch(field.fieldName, 'value');
            return byCluster(tuple, builder, selector);
         });
      }
   }
   return { entries, columns };
}

async function read({ path, cuts }) {
   const file = await caught(openFile(path)),
         reply = { path, classes: {}, objects: {}, tables: {} };
   async function walk(directory, prefix) {
      const newest = {};
      for (const key of directory.fKeys) {
         if ((newest[key.fName]?.fCycle ?? 0) < key.fCycle)
            newest[key.fName] = key;
      }
      for (const key of Object.values(newest)) {
         const name = prefix + key.fName;
         if (key.fName === 'StreamerInfo')
            continue;
         reply.classes[name] = key.fClassName;
         said.length = 0;
         try {
            const object = await caught(directory.readObject(key.fName, key.fCycle));
            if (!object)
               throw new Error(said.join('; ') || 'nothing read');
            if (key.fClassName.startsWith('TDirectory'))
               await walk(object, `${name}/`);
            else if (TREES.includes(key.fClassName))
               reply.tables[name] = await treeTable(object, cuts?.[name]);
            else if (key.fClassName.endsWith('RNTuple'))
               reply.tables[name] = await tupleTable(object, file, cuts?.[name]);
            else
               reply.objects[name] = plain(object);
         } catch (error) {
            reply.objects[name] = { error: String(error?.message ?? error) };
         }
      }
   }
   try {
      await walk(file, '');
   } finally {
      closeSync(file.fd);
   }
   return reply;
}

for await (const line of createInterface({ input: process.stdin })) {
   const request = JSON.parse(line);
   let reply;
   try {
      reply = await read(request);
   } catch (error) {
      reply = { path: request.path, error: String(error?.message ?? error) };
   }
   process.stdout.write(JSON.stringify(reply) + '\n');
}
