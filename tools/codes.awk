# SPDX-License-Identifier: EUPL-1.2
# codes.awk - short C names from the contract: proto files in, two headers out.
#
#   awk -v out=codes -f tools/codes.awk proto/doorbraak/v1/*.proto      enums, without any protobuf header
#   awk -v out=contract -f tools/codes.awk proto/doorbraak/v1/*.proto   pb_<Message> for Doorbraak__V1__<Message>;
#                                                                       lists of all descriptors, sorted by name
function upper_snake(name,    text) {
	text = name
	gsub(/[A-Z]/, "_&", text)
	sub(/^_/, "", text)
	return toupper(text)
}
function lower_snake(name) { return tolower(upper_snake(name)) }
# A macro that does X(descriptor) for each name, in the order of the alphabet, so that names can be searched.
function each(macro, names, n,    i, j, name) {
	for (i = 2; i <= n; i++) {
		name = names[i]
		for (j = i - 1; j >= 1 && names[j] > name; j--) names[j + 1] = names[j]
		names[j + 1] = name
	}
	printf "#define %s(X)", macro
	for (i = 1; i <= n; i++) printf " \\\n\tX(doorbraak__v1__%s__descriptor)", lower_snake(names[i])
	print ""
}
BEGIN {
	print "// SPDX-License-Identifier: EUPL-1.2"
	print "/* Generated from the contract by tools/codes.awk; do not edit. */"
	print "#pragma once"
}
FNR == 1 {
	file = FILENAME
	sub(/^.*proto\//, "", file)
	sub(/\.proto$/, "", file)
	if (out == "contract") printf "#include \"%s.pb-c.h\"\n", file
}
/^[[:space:]]*enum [A-Za-z]+ \{/ {
	enum_name = $2
	enums[++enum_count] = $2
	if (out == "codes") printf "enum { /* %s */\n", enum_name
	next
}
/^[[:space:]]*message [A-Za-z]+ \{/ {
	if (out == "contract") messages[++count] = $2
}
enum_name != "" && /^[[:space:]]*[A-Z][A-Z0-9_]* = [0-9]+;/ {
	value = $3
	sub(/;.*/, "", value)
	if (out == "codes") printf "\t%s = %s,\n", $1, value
	last = value
}
enum_name != "" && /^[[:space:]]*\}/ {
	if (out == "codes") print "};"
	enum_name = ""
}
END {
	if (out == "contract") {
		for (i = 1; i <= count; i++) {
			printf "typedef Doorbraak__V1__%s pb_%s;\n", messages[i], messages[i]
			printf "#define pb_%s_descriptor doorbraak__v1__%s__descriptor\n", messages[i], lower_snake(messages[i])
			printf "#define pb_%s_init doorbraak__v1__%s__init\n", messages[i], lower_snake(messages[i])
		}
		each("PB_EACH_MESSAGE", messages, count)
		each("PB_EACH_ENUM", enums, enum_count)
	}
}
