// A bill of materials of an image's Debian packages, in CycloneDX, from what `dpkg-query` prints in it:
//   docker run --rm IMAGE dpkg-query --show --showformat='${Package}\t${Version}\t${Architecture}\n' |
//     node deploy/release/image-sbom.mjs NAME > sbom.json
// The packages of npm have a bill of their own: npm run sbom.
import { readFileSync } from 'node:fs'

const name = process.argv[2] ?? 'image'
const components = readFileSync(0, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => {
    const [title, version, architecture] = line.split('\t')
    const purl = `pkg:deb/debian/${encodeURIComponent(title)}@${encodeURIComponent(version)}?arch=${architecture}`
    return { type: 'library', name: title, version, purl, 'bom-ref': purl }
  })
const component = { type: 'container', name, 'bom-ref': name }
const bill = { bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, metadata: { component }, components }
console.log(JSON.stringify(bill, null, 2))
