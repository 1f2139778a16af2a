# SPDX-License-Identifier: EUPL-1.2
# The drawing of the life cycle with the words of the page: first the words, then the drawing.
#   awk -f tools/dutch-drawing.awk web/words.js docs/pictures/life-cycle.dot | dot -Tsvg
FNR == NR {
	if (match($0, /^\t[A-Z_]+: \{/))
		kind = substr($1, 1, length($1) - 1)
	else if (/^export const messages/)
		kind = "MESSAGE"
	else if (/^export/)
		kind = ""
	if (kind != "" && match($0, /^\t+[A-Za-z_]+: "/)) {
		code = $1
		sub(/:$/, "", code)
		text = $0
		sub(/^[^"]*"/, "", text)
		sub(/",?$/, "", text)
		word[kind "/" code] = text
	}
	next
}

# Words of the drawing itself.
function phrase(line) {
	sub(/a new case/, "nieuwe casus", line)
	sub(/close to home, and the screening/, "dichtbij, en de screening", line)
	sub(/at the table of the team/, "aan tafel bij het team", line)
	sub(/help is there: does it work\?/, "de hulp is er: werkt die?", line)
	sub(/any open state/, "elke open casus", line)
	gsub(/ working days/, " werkdagen", line)
	gsub(/ days"/, " dagen\"", line)
	gsub(/back to /, "terug naar: ", line)
	return line
}

# Every code between other letters becomes its word; only within a label.
function translated(label,    out, code) {
	out = ""
	while (match(label, /[A-Za-z_]+( missed)?/)) {
		code = substr(label, RSTART, RLENGTH)
		out = out substr(label, 1, RSTART - 1)
		label = substr(label, RSTART + RLENGTH)
		if (substr(out, length(out)) == "\\") { # an escape: \n or \l
			out = out substr(code, 1, 1)
			label = substr(code, 2) label
		} else if (code ~ / missed$/) {
			sub(/ missed$/, "", code)
			out = out "niet op tijd: " word["DEADLINE_KIND/" code]
		} else if (("CASE_STATE/" code) in word)
			out = out word["CASE_STATE/" code]
		else if (("MESSAGE/" code) in word)
			out = out word["MESSAGE/" code]
		else
			out = out code
	}
	return out label
}

{
	$0 = phrase($0)
	if (match($0, /^  [A-Z_]+ \[shape/)) # a state without a label of its own
		sub(/ \[/, " [label=\"" word["CASE_STATE/" $1] "\", ")
	if (match($0, /label="[^"]*"/)) {
		before = substr($0, 1, RSTART + 6)
		label = substr($0, RSTART + 7, RLENGTH - 8)
		after = substr($0, RSTART + RLENGTH - 1)
		$0 = before translated(label) after
	}
	print
}
