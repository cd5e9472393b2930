package org.wso2.carbon.apimgt.api;

import java.util.Set;
import org.wso2.carbon.apimgt.api.model.Scope;

/** Only for compiling: the real class, used at run time, names classes that Maven Central lacks. */
public abstract class APIDefinition {

    public abstract Set<Scope> getScopes(String document) throws APIManagementException;
}
