package carbonops.testbed.apim;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import org.wso2.carbon.apimgt.api.APIManagementException;
import org.wso2.carbon.apimgt.api.dto.KeyManagerConfigurationDTO;
import org.wso2.carbon.apimgt.impl.APIAdminImpl;
import org.wso2.carbon.apimgt.impl.APIConstants;
import org.wso2.carbon.apimgt.impl.dao.ApiMgtDAO;

/** The stored key managers, as the product's own classes read and decrypt them; all but the resident one, and those of all tenants. */
final class KeyManagerRows {

    /** What the product stores as the organization of a key manager of all tenants. */
    private static final String OF_ALL_TENANTS = APIConstants.GLOBAL_KEY_MANAGER_TENANT_DOMAIN;
    private static final MethodHandle DECRYPT = decryption();

    private KeyManagerRows() {
    }

    static List<KeyManagerConfigurationDTO> all() throws APIManagementException {
        List<KeyManagerConfigurationDTO> rows = new ArrayList<>();
        for (String organization : List.of(UserRealms.TENANT_DOMAIN, OF_ALL_TENANTS)) {
            for (KeyManagerConfigurationDTO row : ApiMgtDAO.getInstance().getKeyManagerConfigurationsByOrganization(organization)) {
                if (!APIConstants.KeyManager.DEFAULT_KEY_MANAGER.equals(row.getName())) {
                    rows.add(decrypted(row));
                }
            }
        }
        return rows;
    }

    /** By the name of the tenant's own, or by the UUID of any, as in APIConsumerImpl; null when there is none. */
    static StoredKeyManager find(String nameOrUuid) throws APIManagementException {
        for (KeyManagerConfigurationDTO row : all()) {
            boolean named = nameOrUuid.equals(row.getName()) && !OF_ALL_TENANTS.equals(row.getOrganization());
            if (named || nameOrUuid.equals(row.getUuid())) {
                return new StoredKeyManager(row, 0);
            }
        }
        return null;
    }

    private static KeyManagerConfigurationDTO decrypted(KeyManagerConfigurationDTO row) throws APIManagementException {
        try {
            return (KeyManagerConfigurationDTO) DECRYPT.invoke(new APIAdminImpl(), row);
        } catch (RuntimeException | Error | APIManagementException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** A method handle, as reflection would look for all classes that the other methods name. */
    private static MethodHandle decryption() {
        try {
            MethodType type = MethodType.methodType(KeyManagerConfigurationDTO.class, KeyManagerConfigurationDTO.class);
            return MethodHandles.privateLookupIn(APIAdminImpl.class, MethodHandles.lookup())
                    .findVirtual(APIAdminImpl.class, "decryptKeyManagerConfigurationValues", type);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
