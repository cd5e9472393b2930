package carbonops.testbed.is7;

import java.io.IOException;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

/** The tenants of the server, which the super tenant's users make. */
final class TenantManagement {
    private static final String PATH = "/api/server/v1/tenants";

    private final Tenants tenants;

    TenantManagement(Tenants tenants) {
        this.tenants = tenants;
    }

    /** The body names a domain and one owner, who gets the password that is given. */
    Answer create(Request request) throws Exception {
        refuseTenants(request);
        JsonObject wanted = request.json();
        JsonObject owner = owner(wanted);
        String domain = text(wanted, "domain");
        if (tenants.find(domain) != null) {
            throw new Refusal(409, "TM-60009", "A tenant with the domain " + domain + " exists already.");
        }
        Tenant made = tenants.create(domain, text(owner, "username"), text(owner, "password"), text(owner, "email"));
        return Answer.of(201, json(made)).at(PATH + "/" + made.id());
    }

    Answer byDomain(Request request) throws Exception {
        refuseTenants(request);
        Tenant tenant = tenants.find(request.id());
        return tenant == null ? Answer.empty(404) : Answer.ok(json(tenant));
    }

    private static void refuseTenants(Request request) {
        if (!request.tenant().isSuper()) {
            throw Refusal.withoutBody(404);
        }
    }

    private static JsonObject json(Tenant tenant) {
        JsonObject status = new JsonObject();
        status.addProperty("activated", true);
        JsonObject json = new JsonObject();
        json.addProperty("id", String.valueOf(tenant.id()));
        json.addProperty("domain", tenant.domain());
        json.add("lifecycleStatus", status);
        return json;
    }

    private static JsonObject owner(JsonObject wanted) throws IOException {
        JsonArray owners = wanted == null ? null : wanted.getAsJsonArray("owners");
        if (owners == null || owners.size() != 1) {
            throw new Refusal(400, "TM-60000", "A tenant has one owner.");
        }
        return owners.get(0).getAsJsonObject();
    }

    private static String text(JsonObject body, String name) {
        if (!body.has(name) || body.get(name).getAsString().isBlank()) {
            throw new Refusal(400, "TM-60000", name + " is missing.");
        }
        return body.get(name).getAsString();
    }
}
