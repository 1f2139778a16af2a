# SPDX-License-Identifier: EUPL-1.2
# Names and formulas of the indicators for the page, from the documentation that is made of the tables.
#   awk -f tools/indicators.awk docs/indicators.md >build/gen/web/indicators.js
BEGIN {
	print "// SPDX-License-Identifier: EUPL-1.2"
	print "// Made of docs/indicators.md by tools/indicators.awk."
	print "export const indicators = ["
}
/^## K[0-9]+ / {
	code = $2
	name = substr($0, length("## " code " ") + 1)
	formula = ""
	next
}
code != "" && formula == "" && NF > 0 {
	formula = $0
	gsub(/`/, "", formula)
	gsub(/"/, "\\\"", formula)
	gsub(/"/, "\\\"", name)
	printf "\t{ code: \"%s\", name: \"%s\", formula: \"%s\" },\n", code, name, formula
	code = ""
}
END {
	print "];"
}
