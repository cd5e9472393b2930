package carbonops.testbed.is7;

import com.google.gson.JsonObject;

/** A SCIM filter of the one form `attribute eq value`; without a filter everything is accepted. */
final class EqualsFilter {
    private final String attribute;
    private final String value;

    EqualsFilter(String filter) {
        if (filter == null || filter.isBlank()) {
            attribute = null;
            value = null;
            return;
        }
        String[] parts = filter.trim().split("\\s+", 3);
        if (parts.length != 3 || !parts[1].equalsIgnoreCase("eq")) {
            throw new Refusal(400, "invalid_filter", "Only filters like 'name eq value' are served");
        }
        attribute = parts[0];
        value = parts[2].replaceAll("^\"|\"$", "");
    }

    boolean accepts(JsonObject object) {
        return attribute == null || object.has(attribute) && object.get(attribute).getAsString().equals(value);
    }
}
