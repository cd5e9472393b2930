package carbonops.testbed.apim;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.http.conn.ssl.NoopHostnameVerifier;
import org.wso2.carbon.apimgt.api.model.KeyManagerConnectorConfiguration;
import org.wso2.carbon.apimgt.api.model.URITemplate;
import org.wso2.carbon.apimgt.common.gateway.configdto.HttpClientConfigurationDTO;
import org.wso2.carbon.apimgt.eventing.EventPublisher;
import org.wso2.carbon.apimgt.eventing.EventPublisherFactory;
import org.wso2.carbon.apimgt.impl.APIManagerConfiguration;
import org.wso2.carbon.apimgt.impl.APIManagerConfigurationServiceImpl;
import org.wso2.carbon.apimgt.impl.CustomKeyManagerConnectorConfiguration;
import org.wso2.carbon.apimgt.impl.DefaultKeyManagerConnectorConfiguration;
import org.wso2.carbon.apimgt.impl.config.APIMConfigService;
import org.wso2.carbon.apimgt.impl.dto.EventHubConfigurationDto;
import org.wso2.carbon.apimgt.impl.internal.ServiceReferenceHolder;
import org.wso2.carbon.apimgt.impl.utils.APIMgtDBUtil;
import org.wso2.carbon.apimgt.persistence.APIPersistence;
import org.wso2.carbon.apimgt.persistence.PersistenceManager;
import org.wso2.carbon.apimgt.persistence.dto.AdminContentSearchResult;
import org.wso2.carbon.apimgt.rest.api.common.RestApiCommonUtil;
import org.wso2.carbon.apimgt.rest.api.util.utils.RestApiUtil;
import org.wso2.carbon.identity.oauth.config.OAuthServerConfiguration;
import org.wso2.carbon.registry.core.service.RegistryService;
import org.wso2.carbon.user.core.service.RealmService;

/** Gives the product's classes what OSGi gives them in the product. */
final class Product {

    private Product() {
    }

    static void wire(Home home, Deployment deployment, Database database, Users users, int port) throws Exception {
        System.setProperty("carbonops.testbed.resident.issuer", "https://localhost:" + port + "/oauth2/token");
        Fields.setStatic(APIMgtDBUtil.class, "dataSource", database.source());
        UserRealms realms = new UserRealms(users);
        RealmService realmService = realms.realmService();
        RegistryService registryService = realms.registryService();
        new OsgiServices().with(RealmService.class, realmService).with(RegistryService.class, registryService).publish();

        ServiceReferenceHolder holder = ServiceReferenceHolder.getInstance();
        holder.setRealmService(realmService);
        holder.setRegistryService(registryService);
        holder.setAPIManagerConfigurationService(new APIManagerConfigurationServiceImpl(configuration(home, port)));
        holder.setOauthServerConfiguration(OAuthServerConfiguration.getInstance());
        holder.setAPIMConfigService(Fake.of(APIMConfigService.class).value("getTenantConfig", ScopeRoles.tenantConfiguration()).make());
        holder.setEventPublisherFactory(silentEvents());
        Map<String, KeyManagerConnectorConfiguration> connectors = holder.getKeyManagerConnectorConfigurations();
        connectors.put("default", new DefaultKeyManagerConnectorConfiguration());
        connectors.put("Custom", new CustomKeyManagerConnectorConfiguration());
        connectors.put(Auth0Connector.TYPE, new Auth0Connector());
        connectors.put(OldIsConnector.TYPE, new OldIsConnector());
        connectors.put(Is7Connector.TYPE, new Is7Connector(ConnectorVersion.of(deployment)));

        wireRestApi(holder);
        emptyPersistence();
    }

    private static APIManagerConfiguration configuration(Home home, int port) throws Exception {
        Path file = home.temporary("api-manager.xml");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "<APIManager><DataSourceName>jdbc/WSO2AM_DB</DataSourceName><APIKeyValidator><ServerURL>https://localhost:"
                + port + "/services/</ServerURL></APIKeyValidator><CacheConfigurations>"
                + "<EnableRESTAPITokenCache>false</EnableRESTAPITokenCache><RESTAPITokenCacheExpiry>900</RESTAPITokenCacheExpiry>"
                + "<EnableRESTAPICacheControlHeaders>false</EnableRESTAPICacheControlHeaders>"
                + "<RESTAPICacheControlHeadersMaxAge>600</RESTAPICacheControlHeadersMaxAge></CacheConfigurations></APIManager>");
        APIManagerConfiguration configuration = new APIManagerConfiguration();
        configuration.load(file.toString());
        Fields.set(APIManagerConfiguration.class, configuration, "eventHubConfigurationDto", new EventHubConfigurationDto());
        configuration.setHttpClientConfiguration(new HttpClientConfigurationDTO.Builder()
                .withConnectionParams(100, 50, 30000, 30000)
                .withHostnameVerifier(NoopHostnameVerifier.INSTANCE)
                .build());
        return configuration;
    }

    private static void wireRestApi(ServiceReferenceHolder holder) throws Exception {
        org.wso2.carbon.apimgt.rest.api.common.internal.ServiceReferenceHolder rest =
                org.wso2.carbon.apimgt.rest.api.common.internal.ServiceReferenceHolder.getInstance();
        rest.setAPIMConfigurationService(holder.getAPIManagerConfigurationService());
        rest.setJwtValidatorMap(new HashMap<>());
        Set<URITemplate> resources = new LinkedHashSet<>();
        AdminApiDocument.bundled().operations().forEach(operation -> resources.add(operation.template()));
        Fields.setStatic(RestApiCommonUtil.class, "adminAPIResourceMappings", resources);
        for (String map : List.of("uriToHttpMethodsMap", "basicAuthBlockedUriToHttpMethodsMap",
                "ETagSkipListURIToHttpMethodsMap", "adminRestrictedUriToHttpMethodsMap")) {
            Fields.setStatic(RestApiUtil.class, map, new Hashtable<>());
        }
    }

    /** The delete check asks for APIs that use a key manager: there are none. */
    private static void emptyPersistence() throws IllegalAccessException {
        APIPersistence persistence = Fake.of(APIPersistence.class).value("searchContentForAdmin", new AdminContentSearchResult()).make();
        for (Field field : PersistenceManager.class.getDeclaredFields()) {
            if (field.getType() == APIPersistence.class) {
                field.setAccessible(true);
                field.set(null, persistence);
            }
        }
    }

    private static EventPublisherFactory silentEvents() {
        EventPublisher publisher = Fake.of(EventPublisher.class).make();
        return Fake.of(EventPublisherFactory.class).value("getEventPublisher", publisher).make();
    }
}
