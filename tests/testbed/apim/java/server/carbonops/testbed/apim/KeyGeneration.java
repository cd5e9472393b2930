package carbonops.testbed.apim;

import java.io.IOException;
import java.sql.SQLException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;
import org.wso2.carbon.apimgt.api.ExceptionCodes;

/** Gives an application an OAuth client at a key manager, with the product's checks in the product's order. */
final class KeyGeneration {

    private static final Logger LOG = Logger.getLogger(KeyGeneration.class.getName());

    private final KeyManagerRuntime runtime;
    private final KeyMappings mappings;
    private final KeyManagerPermissions permissions;
    private final DynamicRegistration clients;
    private final Workflows workflows;

    KeyGeneration(KeyManagerRuntime runtime, KeyMappings mappings, KeyManagerPermissions permissions, DynamicRegistration clients,
            Workflows workflows) {
        this.runtime = runtime;
        this.mappings = mappings;
        this.permissions = permissions;
        this.clients = clients;
        this.workflows = workflows;
    }

    JSONObject generate(Applications.Application application, JSONObject wanted) throws Exception {
        String keyType = wanted.optString("keyType");
        if (!keyType.equals("PRODUCTION") && !keyType.equals("SANDBOX")) {
            throw ApiException.badRequest("Invalid keyType. It must be one of [PRODUCTION, SANDBOX]");
        }
        String nameOrUuid = wanted.optString("keyManager");
        if (!permissions.allow(nameOrUuid, application.owner)) {
            throw ApiException.of(ExceptionCodes.KEY_MANAGER_RESTRICTED_FOR_USER, "Key Manager " + nameOrUuid + " is restricted");
        }
        StoredKeyManager stored = KeyManagerRows.find(nameOrUuid);
        if (stored == null || !stored.isEnabled()) {
            throw ApiException.of(ExceptionCodes.KEY_MANAGER_NOT_REGISTERED, "Key Manager " + nameOrUuid + " doesn't exist");
        }
        if (!stored.createsApplications()) {
            throw ApiException.of(ExceptionCodes.KEY_MANAGER_NOT_SUPPORT_OAUTH_APP_CREATION,
                    "Key Manager " + stored.name() + " doesn't support to generate Client Application");
        }
        if (!application.status.equals(Workflows.APPROVED)) {
            throw ApiException.of(ExceptionCodes.APPLICATION_INACTIVE, "Application " + application.name + " is " + application.status);
        }
        if (workflows.approveKeys()) {
            return mappings.await(application.id, keyType, stored.uuid()).json(stored.name());
        }
        mappings.begin(application.id, keyType, stored.uuid());
        StoredKeyManager usable = runtime.usable(stored.uuid());
        if (usable == null) {
            throw ApiException.internal("Key Manager " + stored.name() + " not configured", null);
        }
        JSONObject client = register(usable, application, keyType, wanted);
        return mappings.complete(application.id, keyType, stored.uuid(), client).json(stored.name());
    }

    private JSONObject register(StoredKeyManager keyManager, Applications.Application application, String keyType, JSONObject wanted)
            throws ApiException {
        JSONArray grantTypes = wanted.optJSONArray("grantTypesToBeSupported");
        String callbackUrl = wanted.optString("callbackUrl");
        try {
            JSONObject client = clients.register(keyManager, application, keyType, grantTypes, callbackUrl);
            return KeyMappings.client(client.getString("client_id"), client.getString("client_secret"), grantTypes, callbackUrl);
        } catch (IOException | JSONException e) {
            throw ApiException.internal("Error while creating the OAuth application of " + application.name + " at " + keyManager.name(), e);
        }
    }

    /** An OAuth client that can't be deleted doesn't keep its application alive. */
    void deleteClients(Applications.Application application) throws SQLException {
        for (KeyMappings.KeyMapping mapping : mappings.of(application.id)) {
            StoredKeyManager keyManager = runtime.usable(mapping.keyManager);
            if (mapping.consumerKey == null || keyManager == null) {
                continue;
            }
            try {
                clients.delete(keyManager, mapping.consumerKey);
            } catch (IOException e) {
                LOG.log(Level.SEVERE, "Error while deleting the OAuth application of " + application.name + " at " + keyManager.name(), e);
            }
        }
    }

    JSONArray keys(Applications.Application application) throws Exception {
        JSONArray keys = new JSONArray();
        for (KeyMappings.KeyMapping mapping : mappings.of(application.id)) {
            StoredKeyManager keyManager = KeyManagerRows.find(mapping.keyManager);
            keys.put(mapping.json(keyManager == null ? mapping.keyManager : keyManager.name()));
        }
        return keys;
    }
}
