package carbonops.testbed.apim;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.wso2.carbon.apimgt.api.APIManagementException;
import org.wso2.carbon.apimgt.api.dto.KeyManagerPermissionConfigurationDTO;
import org.wso2.carbon.apimgt.impl.APIAdminImpl;

/** Who may generate keys at a key manager. */
final class KeyManagerPermissions {

    private final Users users;

    KeyManagerPermissions(Users users) {
        this.users = users;
    }

    /** Like the product's own check, which looks by UUID: whoever gives a key manager's name is not held up. */
    boolean allow(String uuid, String user) throws APIManagementException {
        KeyManagerPermissionConfigurationDTO permissions = new APIAdminImpl().getKeyManagerPermissions(uuid);
        String type = permissions.getPermissionType();
        if (!"ALLOW".equals(type) && !"DENY".equals(type)) {
            return true;
        }
        boolean named = !Collections.disjoint(Set.copyOf(permissions.getRoles()), List.of(users.rolesOf(user)));
        return named == "ALLOW".equals(type);
    }
}
