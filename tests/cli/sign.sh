# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# sign, verify --public-key and waive: who signed what, and each way in which a signature does not count.
#   sh sign.sh PROGRAM TEST-DATA FAKE-SUBMISSION SIGNED.tar
# SIGNED.tar and its public key SIGNED.tar.pub are what dsse_stock.sh looks at.
. "$(dirname "$0")/lib.sh"
export XDG_CONFIG_HOME="$work/config"
unset SOURCE_DATE_EPOCH
key_of() { expect 0 keygen "$@"; sed -n 's/^public key *//p' stdout; }
team=$(key_of)
organiser=$(key_of --out organiser.pem)
stranger=$(key_of --out stranger.pem)
short() { openssl pkey -in "$1" -pubout -outform DER 2>/dev/null | tail -c 32 | sha256sum | head -c 16; }
team_id=$(short config/reconproof/signing.pem) organiser_id=$(short organiser.pem)

team ok
for cell in acc4 acc8; do
  mkdir -p "team/result/recon/$cell"
  cp "$data/scoring/snu-2025/recon/acc4/brain_test1.h5" "team/result/recon/$cell"
done
expect 0 pack team/code -o plain.tar --unchecked
id=$(sed -n 's/^id //p' stdout)

# In place, elsewhere, beside, and in an extracted folder: always the same bytes.
cp plain.tar a.tar
expect 0 sign a.tar
stdout_has "signed as team by key $team_id: attestations/$team_id.dsse.json"
stdout_has "id $id"
ln -s plain.tar link.tar
expect 0 sign link.tar -o b.tar --json
stdout_has '"schema": "reconproof.sign"'
cmp a.tar b.tar || fail "one bundle, two signatures"
cp plain.tar c.tar && ln -sf c.tar link.tar
expect 0 sign link.tar
[ -L link.tar ] && cmp a.tar c.tar || fail "the link was replaced"
expect 0 sign plain.tar --detached beside.json
mkdir out && tar -xf plain.tar -C out
expect 0 sign out/fake
cmp beside.json "out/fake/attestations/$team_id.dsse.json" || fail "two statements"
mkdir packed && tar -xf a.tar -C packed
diff -r out packed || fail "the archive holds something else"
[ "$(stat -c %s a.tar)" -lt $(($(stat -c %s plain.tar) + 4096)) ] || fail "more was added than a signature"

# Listed without a key, checked with it.
expect 0 verify a.tar
stdout_has "signed by key $team_id as team, not checked: name --public-key"
stdout_has "id $id"
expect 0 verify a.tar --public-key "$team" --json
stdout_has '"checked": true'
expect 0 verify out/fake --public-key "$team"
expect 0 verify plain.tar --public-key "$team" --attestation beside.json
stdout_lacks "not checked"
expect 4 verify plain.tar --public-key "$team"
stdout_has "signature   the key $team_id has not signed this bundle"
expect 4 verify a.tar --public-key "$organiser"
expect 3 verify a.tar --public-key nowhere.pub
expect 3 verify a.tar --public-key "$team" --attestation nowhere.json

# The team, then an organiser; signing again replaces one's own.
expect 0 sign a.tar --key organiser.pem --role organiser --note "received in time" --date 2026-08-31
expect 0 verify a.tar --public-key "$team" --public-key "$organiser"
stdout_has "signed by key $organiser_id as organiser"
stdout_lacks "not checked"
cp a.tar both.tar
expect 0 sign a.tar
cmp a.tar both.tar || fail "signing again changed something"
(export SOURCE_DATE_EPOCH=1788134400; expect 0 sign plain.tar --key organiser.pem --role organiser \
  --note "received in time" --detached dated.json)
tar -xOf a.tar "fake/attestations/$organiser_id.dsse.json" | cmp - dated.json || fail "another date"
tar --list -f a.tar | sed 's,/$,,' >names
LC_ALL=C sort -c names || fail "the entries are out of order"
cp a.tar "$4"
echo "$team" >"$4.pub"

# A bundle that is packed again by GNU tar can be signed too.
mkdir gnu && tar -xf plain.tar -C gnu && tar -C gnu -cf gnu.tar fake
expect 0 sign gnu.tar
expect 0 verify gnu.tar --public-key "$team"
stdout_has "id $id"

# forge CODE-WITHOUT-KEY MESSAGE PYTHON: the team's signature, altered, counts for nothing. `e` is the envelope, `other` the stranger's.
expect 0 sign plain.tar --key stranger.pem --detached stranger.json
forged=out/fake/attestations/$team_id.dsse.json
forge() {
  python3 - "$forged" "$3" <<'END'
import json, sys
e, other = (json.load(open(name)) for name in ("beside.json", "stranger.json"))
exec(sys.argv[2])
open(sys.argv[1], "w").write(json.dumps(e))
END
  expect 4 verify out/fake --public-key "$team"
  stdout_has "$2"
  stdout_has "the key $team_id has not signed this bundle"
  expect "$1" verify out/fake
}
forge 3 "payloadType is 'text/plain'" 'e["payloadType"] = "text/plain"'
forge 3 "'payload' is no base64" 'e["payload"] += "?"'
forge 3 "'sig' is no base64" 'e["signatures"][0]["sig"] = "?"'
forge 3 "one signature stands twice" 'e["signatures"] *= 2'
forge 3 "expected a list of 1 to 16 signatures" 'e["signatures"] = []'
forge 3 "'payload' is missing" 'e = {}'
# A key that the bundle brings along is not believed, nor is a key id.
forge 0 "the signature that names it does not hold" 'e["signatures"][0]["sig"] = other["signatures"][0]["sig"]'
forge 0 "has not signed this bundle" 'e = other'
forge 3 "unknown field 'key'" 'e["key"] = "ed25519:AAAA"'
# Another signature under the same statement takes nothing away.
python3 - "$forged" <<'END'
import json, sys
e, other = (json.load(open(name)) for name in ("beside.json", "stranger.json"))
e["signatures"] = other["signatures"] + e["signatures"]
open(sys.argv[1], "w").write(json.dumps(e))
END
expect 0 verify out/fake --public-key "$team" --public-key "$stranger"
expect 4 verify out/fake --public-key "$team" --public-key "$organiser"
stdout_has "the key $organiser_id has not signed this bundle"

# Of another bundle, and expired.
echo more >>team/code/README.md
expect 0 pack team/code -o second.tar --unchecked
expect 0 sign second.tar --detached "$forged"
expect 4 verify out/fake
stdout_has "is about the bundle"
expect 4 verify out/fake --public-key "$team"
stdout_has "its signature is about another one"
expect 4 sign out/fake
rm "$forged"
expect 0 sign out/fake --expires 2020-02-29
expect 0 verify out/fake
expect 4 verify out/fake --public-key "$team"
stdout_has "its signature expired after 2020-02-29"

# What is damaged is not signed, and stays as it is.
sed 's/"edition": "snu-2025"/"edition": "snu-2024"/' plain.tar >damaged.tar
cp damaged.tar before.tar
expect 4 sign damaged.tar
stderr_has "does not verify"
stderr_is_one_line
cmp damaged.tar before.tar || fail "a damaged bundle was touched"
head -c 4000 plain.tar >cut.tar
expect 3 sign cut.tar -o none.tar
expect 3 sign nowhere.tar
[ ! -e none.tar ] || fail "something was written"
expect 3 sign plain.tar --key nowhere.pem
expect 2 sign plain.tar --role judge
expect 2 sign plain.tar --date yesterday
expect 2 sign plain.tar -o x.tar --detached y.json
expect 2 sign out/fake -o x.tar

# --- waivers ---
waive() { expect 0 waive --reason "power failure" --key organiser.pem "$@"; }
# judge CODE OPTION...: in a project that breaks values.finite; 6 is the best where rules are left out.
judge() {
  wanted=$1
  shift
  expect "$wanted" check team/code --only values.finite,layout.volumes "$@"
}
team nan
judge 1
stdout_has "FAIL          values.finite"
waive --rule values.finite --project fake --edition snu-2025 --expires 2999-12-31 -o good.json --json
stdout_has '"schema": "reconproof.waive"'
judge 6 --waiver good.json --public-key "$organiser"
stdout_has "waived        values.finite"
stdout_has "waived until 2999-12-31 by the key $organiser_id: power failure"
[ ! -s stderr ] || fail "a note, though the waiver has effect"
python3 - team/code/.reconproof/check <<'END'
import json, sys
finding = next(f for f in json.load(open(sys.argv[1] + "/check.json"))["findings"] if f["status"] == "waived")
assert finding["rule_id"] == "values.finite" and "power failure" in finding["evidence"][0], finding
result = next(r for r in json.load(open(sys.argv[1] + "/check.sarif"))["runs"][0]["results"] if "suppressions" in r)
assert "power failure" in result["suppressions"][0]["justification"], result
END

# no_effect NOTE OPTION...: the waiver of these options changes nothing.
no_effect() {
  note=$1
  shift
  waive "$@" -o other.json
  judge 1 --waiver other.json --public-key "$organiser"
  stdout_has "FAIL          values.finite"
  stderr_has "note: other.json: $note"
}
no_effect "the waiver has no effect: it expired after 2020-01-01" \
  --rule values.finite --project fake --edition snu-2025 --expires 2020-01-01
no_effect "the waiver has no effect: it is for the project 'other'" \
  --rule values.finite --project other --edition snu-2025 --expires 2999-12-31
no_effect "the waiver has no effect: it is for the edition 'snu-2024'" \
  --rule values.finite --project fake --edition snu-2024 --expires 2999-12-31
no_effect "the waiver has no effect: it is for a bundle, and a project is judged" \
  --rule values.finite --bundle plain.tar --expires 2999-12-31
no_effect "the rule 'layout.volumes' is not broken: nothing to waive" \
  --rule layout.volumes --project fake --edition snu-2025 --expires 2999-12-31
judge 6 --waiver other.json --waiver good.json --public-key "$organiser"

# Unsigned, signed by another, altered, no waiver at all.
judge 4 --waiver good.json --public-key "$team"
stderr_has "not signed by the key"
stderr_is_one_line
sed 's/"payload": "/"payload": "AAAA/' good.json >altered.json
judge 4 --waiver altered.json --public-key "$organiser"
expect 0 sign plain.tar --key organiser.pem --detached no_waiver.json
judge 3 --waiver no_waiver.json --public-key "$organiser"
python3 -c 'import base64, json; print(base64.b64decode(json.load(open("good.json"))["payload"]).decode())' >unsigned.json
judge 3 --waiver unsigned.json --public-key "$organiser"
judge 3 --waiver nowhere.json --public-key "$organiser"
judge 2 --waiver good.json
# One that lies in the submission is not looked for.
cp good.json team/code/waiver.json
judge 1

scope="--project fake --edition snu-2025"
expect 2 waive --rule values.finite --reason x --expires soon $scope -o x.json
expect 2 waive --rule values.finite --reason "" --expires 2999-12-31 $scope -o x.json
expect 2 waive --rule values.finite --reason x --expires 2999-12-31 --project fake -o x.json
expect 2 waive --rule values.finite --reason x --expires 2999-12-31 $scope --id "$id" -o x.json
expect 2 waive --rule values.finite --reason x --expires 2999-12-31 --id 12 -o x.json
expect 2 waive --reason x --expires 2999-12-31 $scope -o x.json
expect 4 waive --rule values.finite --reason x --expires 2999-12-31 --bundle damaged.tar -o x.json
[ ! -e x.json ] || fail "something was written"
waive --rule value.finite $scope --expires 2999-12-31 -o x.json
stderr_has "warning: no rule 'value.finite' here in snu-2025"
waive --rule values.finite --id "$id" --expires 2999-12-31 -o x.json
[ ! -s stderr ] || fail "a warning without a cause"
